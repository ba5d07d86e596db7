"""The audit trail: event model, business rules, recorder (commit or queue), timeline."""
