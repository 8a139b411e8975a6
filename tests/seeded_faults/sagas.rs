//! Faults in steps, sagas, aggregates and upcasts.

use super::fault::{Fault, fault};

const BUILD: &str = "services/lending-service/src/lib.rs";
const SAGA: &str = "services/lending-service/src/saga/wishing_saga.rs";
const KEEP: &str = "services/lending-service/src/saga/step_wishing_saga_keep_place.rs";
const ENTER: &str = "services/lending-service/src/saga/step_wishing_saga_enter_wish.rs";
const HAND_OUT: &str = "services/lending-service/src/saga/step_wishing_saga_hand_out.rs";
const WISH: &str = "services/lending-service/src/aggregates/wish.rs";
const WISHED: &str = "crates/contracts-lending-service/src/events/book_wished.rs";
const PARTICIPATION: &str = "crates/runtime/src/saga/participation.rs";

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "step-without-effect",
        HAND_OUT,
        "    uow.repository::<PlaceRecord>()\n        .set(Filter::eq(\"id\", input.place_id), &[(\"state\", \"taken\")])\n        .await?;\n",
        "    let _ = (uow, input);\n",
    ),
    fault(
        "step-on-all-records",
        HAND_OUT,
        "Filter::eq(\"id\", input.place_id)",
        "Filter::all()",
    ),
    fault(
        "floor-of-step-dropped",
        KEEP,
        "[Floor::at_least(\"free\", 1_i64)]",
        "[] as &[Floor]",
    ),
    fault(
        "output-swapped",
        KEEP,
        "place_id: place.id",
        "place_id: place.wish_id",
    ),
    fault(
        "input-of-step-optional",
        KEEP,
        "    pub copies: i64,",
        "    #[serde(default)]\n    pub copies: i64,",
    ),
    fault(
        "step-not-undone",
        KEEP,
        "Ok(uow.undo(&completed.undo).await?)",
        "{\n        let _ = (uow, completed);\n        Ok(())\n    }",
    ),
    fault(
        "effect-of-way-back-dropped",
        ENTER,
        "    uow.repository::<EntryRecord>()\n        .set(Filter::eq(\"id\", entry_id), &[(\"kind\", \"struck\")])\n        .await?;\n",
        "    let _ = entry_id;\n",
    ),
    fault(
        "way-back-not-told",
        ENTER,
        "    uow.publish(EntryStruckV1::new(wish_id, copies))?;\n",
        "    drop(EntryStruckV1::new(wish_id, copies));\n",
    ),
    fault(
        "step-taken-as-often-as-asked",
        PARTICIPATION,
        "        (Action::Run | Action::Settle, Some(Participation::Done { output, .. })) => {\n",
        "        (Action::Run, Some(Participation::Done { .. })) => Decision::Run,\n        (Action::Settle, Some(Participation::Done { output, .. })) => {\n",
    ),
    fault(
        "step-taken-after-its-way-back",
        PARTICIPATION,
        "        (Action::Run, None) => Decision::Run,\n",
        "        (Action::Run, None | Some(Participation::Closed)) => Decision::Run,\n",
    ),
    fault(
        "step-not-known",
        BUILD,
        "                .step(saga::WishingSagaEnterWish(app.clone()))\n",
        "",
    ),
    fault(
        "saga-not-known",
        BUILD,
        "                .saga(saga::WishingSaga)",
        "",
    ),
    fault(
        "saga-started-by-nothing",
        SAGA,
        "        start(uow, Uuid::now_v7(), &event).await\n",
        "        drop((uow, event));\n        Ok(())\n",
    ),
    fault(
        "saga-started-twice",
        SAGA,
        "        start(uow, Uuid::now_v7(), &event).await\n",
        "        start(uow, Uuid::now_v7(), &event).await?;\n        start(uow, Uuid::now_v7(), &event).await\n",
    ),
    fault(
        "steps-swapped",
        SAGA,
        "        StepDefinition::new(\"keep_place\", \"lending-service\", StepKind::Compensatable)\n            .compensation(\"free_place\")\n            .timeout(Duration::from_secs(5)),\n        StepDefinition::new(\"enter_wish\", \"lending-service\", StepKind::Compensatable)\n            .compensation(\"strike_wish\")\n            .timeout(Duration::from_secs(5)),\n",
        "        StepDefinition::new(\"enter_wish\", \"lending-service\", StepKind::Compensatable)\n            .compensation(\"strike_wish\")\n            .timeout(Duration::from_secs(5)),\n        StepDefinition::new(\"keep_place\", \"lending-service\", StepKind::Compensatable)\n            .compensation(\"free_place\")\n            .timeout(Duration::from_secs(5)),\n",
    ),
    fault(
        "another-service-asked",
        SAGA,
        "\"keep_deposit\", \"reader-service\"",
        "\"keep_deposit\", \"lending-service\"",
    ),
    fault(
        "input-bound-to-another-field",
        SAGA,
        "\"room\": data.input[\"room\"]",
        "\"room\": data.input[\"isbn\"]",
    ),
    fault(
        "input-bound-to-another-step",
        SAGA,
        "data.given(\"keep_place\")[\"place_id\"]",
        "data.given(\"enter_wish\")[\"entry_id\"]",
    ),
    fault(
        "way-back-of-another-step",
        SAGA,
        "\"strike_wish\"",
        "\"free_place\"",
    ),
    fault(
        "step-without-way-back",
        SAGA,
        "\"keep_place\", \"lending-service\", StepKind::Compensatable",
        "\"keep_place\", \"lending-service\", StepKind::Read",
    ),
    fault(
        "no-way-forward-from-the-pivot",
        SAGA,
        "\"keep_deposit\", \"reader-service\", StepKind::Pivot)\n            .timeout(Duration::from_secs(5)),\n        StepDefinition::new(\"hand_out\", \"lending-service\", StepKind::Retriable)",
        "\"keep_deposit\", \"reader-service\", StepKind::Compensatable)\n            .timeout(Duration::from_secs(5)),\n        StepDefinition::new(\"hand_out\", \"lending-service\", StepKind::Compensatable)",
    ),
    fault(
        "good-end-without-effect",
        SAGA,
        "        aggregates::wish::execute(uow, id, WishCommand::GrantWish(command)).await?;\n",
        "        drop((uow, command));\n",
    ),
    fault(
        "bad-end-for-another-reason",
        SAGA,
        "failure.reason.clone()",
        "failure.step.clone()",
    ),
    fault(
        "state-guard-dropped",
        WISH,
        "        if !matches!(self.state, WishState::Wished) {\n            return Err(Problem::conflict(format!(\n                \"`deny_wish`",
        "        if false {\n            return Err(Problem::conflict(format!(\n                \"`deny_wish`",
    ),
    fault(
        "state-left-out-of-guard",
        WISH,
        "WishState::Granted | WishState::Denied",
        "WishState::Granted",
    ),
    fault(
        "begun-twice",
        WISH,
        "        if self.begun {",
        "        if false {",
    ),
    fault(
        "event-leads-to-another-state",
        WISH,
        "self.state = WishState::Denied",
        "self.state = WishState::Granted",
    ),
    fault(
        "event-not-taken-in",
        WISH,
        "                self.copies = event.copies;\n",
        "",
    ),
    fault(
        "event-of-aggregate-not-told",
        WISH,
        "WishEvent::WishClosed(event) => uow.publish(event)?",
        "WishEvent::WishClosed(event) => drop(event)",
    ),
    fault(
        "record-does-not-show-the-state",
        WISH,
        "        why: state.why,",
        "        why: None,",
    ),
    fault(
        "older-version-not-read",
        WISH,
        ".typed::<BookWishedV1, BookWishedV2>(\"BookWished\", 1, 2)",
        "",
    ),
    fault(
        "upcast-to-another-value",
        WISHED,
        "            copies: 1,",
        "            copies: 2,",
    ),
    fault(
        "upcast-from-another-field",
        WISHED,
        "room: previous.reader.clone()",
        "room: previous.isbn.clone()",
    ),
];
