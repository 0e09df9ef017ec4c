"""The long suites: `make torture` runs them, `make test` leaves them out."""
