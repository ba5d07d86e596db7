package datastorage

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"
)

// serviceClient talks to the service at DATASTORAGE_URL, or to the one that `make run` starts.
func serviceClient(t *testing.T) *ClientWithResponses {
	t.Helper()
	address := os.Getenv("DATASTORAGE_URL")
	if address == "" {
		address = "http://127.0.0.1:8080"
	}
	client, err := NewClientWithResponses(address, WithHTTPClient(&http.Client{Timeout: 30 * time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func typedSignal(t *testing.T, correlation string) AuditEventInput {
	t.Helper()
	alert := "HighCPU"
	signal := GatewaySignalReceivedEvent{
		Version:        "1.0",
		EventTimestamp: time.Now().UTC(),
		EventCategory:  "gateway",
		EventAction:    "received",
		EventOutcome:   "success",
		CorrelationId:  correlation,
		EventData:      PayloadGatewaySignalReceived{AlertName: &alert, AdditionalProperties: map[string]any{"more": "kept"}},
	}
	var typed TypedAuditEvent
	if err := typed.FromGatewaySignalReceivedEvent(signal); err != nil {
		t.Fatal(err)
	}
	var input AuditEventInput
	if err := input.FromTypedAuditEvent(typed); err != nil {
		t.Fatal(err)
	}
	return input
}

func freeEvent(t *testing.T, correlation string) AuditEventInput {
	t.Helper()
	var input AuditEventInput
	err := input.FromAuditEventRequest(AuditEventRequest{
		Version:        "1.0",
		EventType:      "billing.invoice.paid",
		EventTimestamp: time.Now().UTC(),
		EventCategory:  "workflow",
		EventAction:    "paid",
		EventOutcome:   "success",
		CorrelationId:  correlation,
		EventData:      map[string]any{"amount": "12.50"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return input
}

func TestEventsMakeTheRoundTrip(t *testing.T) {
	client, ctx := serviceClient(t), context.Background()
	correlation := "go-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	created, err := client.CreateAuditEventWithResponse(ctx, nil, typedSignal(t, correlation))
	if err != nil || created.JSON201 == nil {
		t.Fatalf("create: %v %+v", err, created)
	}
	stored, err := client.GetAuditEventWithResponse(ctx, created.JSON201.EventId)
	if err != nil || stored.JSON200 == nil {
		t.Fatalf("get: %v %+v", err, stored)
	}
	if stored.JSON200.EventType != "gateway.signal.received" || stored.JSON200.ActorId != "gateway-service" {
		t.Fatalf("stored: %+v", stored.JSON200)
	}
	if data := stored.JSON200.EventData; data["alert_name"] != "HighCPU" || data["more"] != "kept" {
		t.Fatalf("event_data: %v", data)
	}
	batch := []AuditEventInput{freeEvent(t, correlation), typedSignal(t, correlation)}
	sent, err := client.CreateAuditEventsBatchWithResponse(ctx, nil, batch)
	if err != nil || sent.JSON201 == nil || len(sent.JSON201.EventIds) != 2 {
		t.Fatalf("batch: %v %+v", err, sent)
	}
	page, err := client.QueryAuditEventsWithResponse(ctx, &QueryAuditEventsParams{CorrelationId: &correlation})
	if err != nil || page.JSON200 == nil || len(page.JSON200.Data) != 3 {
		t.Fatalf("query: %v %+v", err, page)
	}
}

func TestARefusalIsATypedProblem(t *testing.T) {
	client, input := serviceClient(t), AuditEventInput{}
	if err := input.UnmarshalJSON([]byte(`{"event_type": "notification.sent", "event_data": {"channel": 5}}`)); err != nil {
		t.Fatal(err)
	}
	refused, err := client.CreateAuditEventWithResponse(context.Background(), nil, input)
	if err != nil || refused.ApplicationproblemJSON400 == nil {
		t.Fatalf("refusal: %v %+v", err, refused)
	}
	pointers := map[string]bool{}
	for _, violation := range *refused.ApplicationproblemJSON400.Errors {
		pointers[violation.Pointer] = true
	}
	if !pointers["#/version"] || !pointers["#/event_data/channel"] {
		t.Fatalf("errors: %v", pointers)
	}
}
