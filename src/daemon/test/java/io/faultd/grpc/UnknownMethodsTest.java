package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.ExperimentServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownMethodsTest extends Surface {

  @ParameterizedTest
  @ValueSource(strings = {"faultd.v1.ExperimentService/NoSuch", "NoSuch/CreateExperiment", "x/y"})
  void areRefusedAndTheOtherCallsOfTheConnectionGoOn(String method) {
    Future<?> other =
        ExperimentServiceGrpc.newFutureStub(channel)
            .createExperiment(
                CreateExperimentRequest.newBuilder()
                    .setTarget("file")
                    .setAction("chmod")
                    .putFlags("slow", "")
                    .build());
    await(() -> experiments.lastWaiting.get() != null);
    for (int i = 0; i < 200; i++) {
      StatusRuntimeException e = assertThrows(StatusRuntimeException.class, () -> call(method));
      assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode(), e.toString());
      assertEquals(
          "no such method; reflection lists what there is", e.getStatus().getDescription());
    }
    assertFalse(other.isDone(), "the connection was ended");
    other.cancel(true);
  }

  private void call(String name) {
    ClientCalls.blockingUnaryCall(
        channel,
        MethodDescriptor.<CreateExperimentRequest, CreateExperimentResponse>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName(name)
            .setRequestMarshaller(
                ProtoUtils.marshaller(CreateExperimentRequest.getDefaultInstance()))
            .setResponseMarshaller(
                ProtoUtils.marshaller(CreateExperimentResponse.getDefaultInstance()))
            .build(),
        CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
        CreateExperimentRequest.newBuilder().setDescription("x".repeat(100_000)).build());
  }
}
