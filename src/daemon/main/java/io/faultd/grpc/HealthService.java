package io.faultd.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The standard health service: SERVING as soon as the daemon is ready for orders. */
final class HealthService extends HealthGrpc.HealthImplBase {
  private static final long PAUSE_MILLIS = 200;

  private final Set<String> services;
  private final BooleanSupplier ready;

  HealthService(Set<String> services, BooleanSupplier ready) {
    this.services = services;
    this.ready = ready;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> out) {
    if (!known(request)) {
      throw Status.NOT_FOUND.withDescription("no such service").asRuntimeException();
    }
    out.onNext(answer(status(request)));
    out.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> out) {
    ServerCallStreamObserver<HealthCheckResponse> call =
        (ServerCallStreamObserver<HealthCheckResponse>) out;
    call.setOnCancelHandler(() -> {}); // asked for below
    ServingStatus told = ServingStatus.UNRECOGNIZED;
    BooleanSupplier gaveUp = GateInterceptor.gaveUp();
    while (!call.isCancelled() && !gaveUp.getAsBoolean()) {
      ServingStatus now = status(request);
      if (now != told) {
        out.onNext(answer(now));
        told = now;
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean known(HealthCheckRequest request) {
    return request.getService().isEmpty() || services.contains(request.getService());
  }

  private ServingStatus status(HealthCheckRequest request) {
    if (!known(request)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static HealthCheckResponse answer(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
