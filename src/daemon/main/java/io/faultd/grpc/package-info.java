/** The gRPC interface: translates messages and failures, and decides nothing. */
@NullMarked
package io.faultd.grpc;

import org.jspecify.annotations.NullMarked;
