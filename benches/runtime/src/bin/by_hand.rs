//! What one would write by hand with axum and sqlx, and nothing else: the floor for generated endpoints.
//! `by_hand DATABASE_URL PORT`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

#[derive(Deserialize)]
struct NewArticle {
    title: String,
    price: Decimal,
    available: i64,
}

#[derive(Serialize, sqlx::FromRow)]
struct Article {
    id: Uuid,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    title: String,
    price: Decimal,
    available: i64,
}

const INSERT: &str = "INSERT INTO by_hand (id, version, created_at, updated_at, title, price, available) \
                      VALUES ($1, 1, $2, $2, $3, $4, $5) RETURNING *";

/// In a transaction, as every change is that others are told of.
async fn create(
    State(pool): State<PgPool>,
    Json(new): Json<NewArticle>,
) -> Result<(StatusCode, Json<Article>), StatusCode> {
    let mut transaction = pool.begin().await.map_err(failed)?;
    let article = insert(&mut *transaction, new).await?;
    transaction.commit().await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(article)))
}

/// As one statement that stands alone.
async fn create_alone(
    State(pool): State<PgPool>,
    Json(new): Json<NewArticle>,
) -> Result<(StatusCode, Json<Article>), StatusCode> {
    Ok((StatusCode::CREATED, Json(insert(&pool, new).await?)))
}

async fn insert(to: impl PgExecutor<'_>, new: NewArticle) -> Result<Article, StatusCode> {
    if new.title.len() > 200 || new.price.is_sign_negative() || new.available < 0 {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    sqlx::query_as(INSERT)
        .bind(Uuid::now_v7())
        .bind(Utc::now())
        .bind(new.title)
        .bind(new.price)
        .bind(new.available)
        .fetch_one(to)
        .await
        .map_err(failed)
}

async fn read(
    State(pool): State<PgPool>,
    Path(id): Path<Uuid>,
) -> Result<Json<Article>, StatusCode> {
    let found = sqlx::query_as("SELECT * FROM by_hand WHERE id = $1")
        .bind(id)
        .fetch_optional(&pool)
        .await;
    found
        .map_err(failed)?
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn failed(_: sqlx::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("DATABASE_URL");
    let port = arguments.next().expect("PORT");
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .connect(&url)
        .await
        .expect("the database opens");
    let table = "CREATE TABLE IF NOT EXISTS by_hand (id UUID PRIMARY KEY, version BIGINT NOT NULL, created_at TIMESTAMPTZ NOT NULL, \
                 updated_at TIMESTAMPTZ NOT NULL, title TEXT NOT NULL, price NUMERIC NOT NULL, available BIGINT NOT NULL)";
    sqlx::query(table)
        .execute(&pool)
        .await
        .expect("the table is made");
    let routes = Router::new()
        .route("/articles", post(create))
        .route("/articles/alone", post(create_alone))
        .route("/articles/{id}", get(read))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    axum::serve(listener, routes).await.expect("it serves");
}
