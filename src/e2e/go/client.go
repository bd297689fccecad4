// A client of faultd as somebody would write it who has nothing but the proto file: it creates,
// watches and destroys an experiment, and reads reason and field of an error.
//
//	client -address 127.0.0.1:9001 [-token T] -target T -action A [-flag name=value]...
//
// prints one JSON object per step; exit code 0 if all steps went as they should.
//
// Stubs (Debian: golang-go golang-google-grpc-dev golang-google-protobuf-dev
// golang-google-genproto-dev golang-github-golang-protobuf-1-5-dev protobuf-compiler protoc-gen-go
// protoc-gen-go-grpc), P being a new folder:
//
//	mkdir -p P/src
//	protoc -I proto --go_out=P/src --go-grpc_out=P/src faultd/v1/faultd.proto
//	GO111MODULE=off GOPATH=P:/usr/share/gocode go build -o P/client src/e2e/go/client.go
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	faultdv1 "faultd/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

type pairs map[string]string

func (p pairs) String() string { return fmt.Sprint(map[string]string(p)) }

func (p pairs) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return errors.New("name=value is wanted")
	}
	p[name] = value
	return nil
}

func tell(step string, fields map[string]interface{}) {
	fields["step"] = step
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func record(r *faultdv1.ExperimentRecord) map[string]interface{} {
	return map[string]interface{}{
		"uid":    r.GetUid(),
		"status": r.GetStatus().String(),
		"effect": r.GetEffect().GetState().String(),
		"undo":   r.GetUndo().String(),
	}
}

// What a status says: its code, and reason and field of its details.
func failure(err error, trailer metadata.MD) map[string]interface{} {
	s := status.Convert(err)
	said := map[string]interface{}{"code": s.Code().String(), "message": s.Message()}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			said["reason"] = d.GetReason()
			said["domain"] = d.GetDomain()
		case *errdetails.BadRequest:
			for _, violation := range d.GetFieldViolations() {
				said["field"] = violation.GetField()
			}
		}
	}
	if code := trailer.Get("faultd-code"); len(code) > 0 {
		said["faultdCode"] = code[0]
	}
	return said
}

func run() error {
	address := flag.String("address", "127.0.0.1:9001", "host and port")
	token := flag.String("token", "", "bearer token, if the daemon wants one")
	target := flag.String("target", "", "what to break")
	action := flag.String("action", "", "how")
	flags := pairs{}
	flag.Var(flags, "flag", "name=value, any number of times")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if *token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+*token)
	}
	connection, err := grpc.DialContext(ctx, *address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer connection.Close()

	info, err := faultdv1.NewNodeServiceClient(connection).GetInfo(ctx, &faultdv1.GetInfoRequest{})
	if err != nil {
		return fmt.Errorf("info: %w", err)
	}
	tell("info", map[string]interface{}{"version": info.GetVersion(), "kernel": info.GetKernel()})
	experiments := faultdv1.NewExperimentServiceClient(connection)

	request := &faultdv1.CreateExperimentRequest{Target: *target, Action: *action, Flags: flags}
	created, err := experiments.CreateExperiment(ctx, request)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	uid := created.GetUid()
	tell("created", record(created.GetRecord()))

	watch, err := experiments.WatchExperiments(ctx, &faultdv1.WatchExperimentsRequest{Uid: uid})
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	present, err := watch.Recv()
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	tell("present", record(present.GetRecord()))

	destroyed, err := experiments.DestroyExperiment(ctx, &faultdv1.DestroyExperimentRequest{Uid: uid})
	if err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	tell("destroyed", record(destroyed.GetRecord()))
	for {
		change, err := watch.Recv()
		if err != nil {
			return fmt.Errorf("watch ended before the experiment: %w", err)
		}
		if change.GetSeq() <= present.GetSeq() {
			return fmt.Errorf("change %d after %d", change.GetSeq(), present.GetSeq())
		}
		tell("change", record(change.GetRecord()))
		if change.GetRecord().GetStatus() == faultdv1.ExperimentStatus_EXPERIMENT_STATUS_DESTROYED {
			break
		}
	}

	wrong := &faultdv1.CreateExperimentRequest{
		Target: *target, Action: *action, Flags: map[string]string{"no-such-flag": "1"}}
	var trailer metadata.MD
	_, err = experiments.CreateExperiment(ctx, wrong, grpc.Trailer(&trailer))
	if status.Code(err) != codes.InvalidArgument {
		return fmt.Errorf("an unknown flag: %v", err)
	}
	tell("refused", failure(err, trailer))
	return nil
}

func main() {
	if err := run(); err != nil {
		cause := errors.Unwrap(err)
		if cause == nil {
			cause = err
		}
		tell("failed", failure(cause, nil))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
