package io.faultd.access;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessTest {
  private static final Presented NOTHING =
      new Presented(
          new InetSocketAddress("127.0.0.1", 40_000),
          new InetSocketAddress("127.0.0.1", 7_766),
          null,
          null,
          List.of());

  /** Certificates are optional then, and who comes in without one may also go on watching. */
  @Test
  void rootOfThisNodeStandsAsLongAsItsStreamWithoutACertificateToo() {
    for (boolean certificates : new boolean[] {false, true}) {
      Access access =
          new Access(
              List::of,
              new Access.Certified(certificates, chain -> Optional.empty()),
              List.of(),
              (client, server) -> Optional.of(new PeerLookup.Owner(0, 4711)),
              Duration.ofSeconds(10));
      assertInstanceOf(Admission.Admitted.class, access.standing(NOTHING));
    }
  }

  @Test
  void whoNeedsATokenDoesNotStandWithoutIt() {
    Access access =
        new Access(
            "secret", List.of(), (client, server) -> Optional.of(new PeerLookup.Owner(0, 4711)));
    assertInstanceOf(Admission.Refused.class, access.standing(NOTHING));
  }
}
