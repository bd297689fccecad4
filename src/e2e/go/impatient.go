// A client of faultd that gives up: it asks for an experiment, watches it, and cancels its call as
// soon as the record has a status.
//
//	impatient -address 127.0.0.1:9001 -uid U -until Created|Success -target T -action A [-flag name=value]...
//
// prints one JSON object per step. Until Success it lets its call wait until the effect has settled,
// for else there would be no call any more. Stubs as client.go says.
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

	"google.golang.org/grpc"
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

func run() error {
	address := flag.String("address", "127.0.0.1:9001", "host and port")
	uid := flag.String("uid", "", "of the experiment")
	until := flag.String("until", "Created", "the status at which it gives up")
	target := flag.String("target", "", "what to break")
	action := flag.String("action", "", "how")
	flags := pairs{}
	flag.Var(flags, "flag", "name=value, any number of times")
	flag.Parse()
	awaited := "EXPERIMENT_STATUS_" + strings.ToUpper(*until)

	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	connection, err := grpc.DialContext(ctx, *address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer connection.Close()
	experiments := faultdv1.NewExperimentServiceClient(connection)
	watch, err := experiments.WatchExperiments(ctx, &faultdv1.WatchExperimentsRequest{})
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}

	patience, giveUp := context.WithCancel(ctx)
	defer giveUp()
	answered := make(chan error, 1)
	go func() {
		_, err := experiments.CreateExperiment(patience, &faultdv1.CreateExperimentRequest{
			Uid: *uid, Target: *target, Action: *action, Flags: flags, WaitSettled: *until == "Success"})
		answered <- err
	}()
	for {
		seen, err := watch.Recv()
		if err != nil {
			return fmt.Errorf("watch: %w", err)
		}
		if seen.GetRecord().GetUid() == *uid && seen.GetRecord().GetStatus().String() == awaited {
			break
		}
	}
	giveUp()
	tell("gave up", map[string]interface{}{"code": status.Code(<-answered).String()})
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
