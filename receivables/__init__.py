"""The vocabulary of receivables: contracts, policy, file readers; free of dagster and duckdb."""
