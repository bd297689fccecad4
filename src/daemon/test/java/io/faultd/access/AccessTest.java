package io.faultd.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Certificates;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private static Presented local(long uid, @Nullable String authorization) {
    return new Presented(
        new LocalPeer(4711, uid),
        UnixDomainSocketAddress.of("/run/faultd/api.sock"),
        authorization,
        null,
        List.of());
  }

  @Test
  void byTheUnixSocketRootIsRootUnlessItShowsATokenAndOthersAreWhatTheyShow() {
    Access tokens =
        new Access(
            () ->
                List.of(new Grant("ci", Grant.digest("t"), null, Role.VIEWER, Set.of(), Set.of())),
            Access.Certified.NONE,
            List.of(),
            (client, server) -> Optional.empty(),
            Duration.ofSeconds(10));
    Access none = new Access(null, List.of(), (client, server) -> Optional.empty());
    for (Access access : List.of(tokens, none)) {
      for (Admission each :
          List.of(access.admit(local(0, null)), access.standing(local(0, null)))) {
        Caller caller = assertInstanceOf(Admission.Admitted.class, each).caller();
        assertEquals("root", caller.name());
        assertEquals("pid 4711, uid 0", caller.from());
      }
      assertInstanceOf(Admission.Refused.class, access.admit(local(1000, null)));
    }
    for (long uid : new long[] {0, 1000}) {
      Admission shown = tokens.admit(local(uid, "Bearer t"));
      assertEquals("ci", assertInstanceOf(Admission.Admitted.class, shown).caller().name());
      assertInstanceOf(Admission.Refused.class, tokens.admit(local(uid, "Bearer no")));
      assertInstanceOf(Admission.Refused.class, tokens.standing(local(uid, "Bearer no")));
    }
  }

  private static Access certified(boolean all, Grant... grants) {
    return new Access(
        () -> List.of(grants),
        new Access.Certified(all, chain -> Optional.empty()),
        List.of(),
        (client, server) -> Optional.of(new PeerLookup.Owner(1000, 4711)),
        Duration.ofSeconds(10));
  }

  private static Presented shown(String subject, @Nullable String authorization) {
    return new Presented(
        NOTHING.client(), NOTHING.server(), authorization, new X500Principal(subject), List.of());
  }

  @Test
  void whereThereIsNoTokenOneThatComesWithACertificateSaysNothing() {
    Access access = certified(true);
    Presented both = shown("CN=platform", "Bearer of-a-proxy");
    for (Admission each : List.of(access.admit(both), access.standing(both))) {
      assertEquals("platform", assertInstanceOf(Admission.Admitted.class, each).caller().name());
    }
    Grant named = new Grant("ci", null, "platform", Role.VIEWER, Set.of(), Set.of());
    assertInstanceOf(Admission.Admitted.class, certified(false, named).admit(both));
    Access tokens = certified(true, Grant.all("token", "secret"));
    assertInstanceOf(Admission.Refused.class, tokens.admit(both));
  }

  @Test
  void nobodyIsWrittenDownAsAnotherOrAsNobody() {
    for (String name : Access.RESERVED) {
      assertEquals("CN=" + name, name(shown("CN=" + name, null)));
    }
    assertEquals("certificate", name(shown("O=nobody", null)));
  }

  @Test
  void whoseCertificateHasNoCommonNameGoesByAnotherName(@TempDir Path folder) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.sign("platform");
    X509Certificate signed = certificates.x509("platform");
    Presented unnamed =
        new Presented(
            NOTHING.client(), NOTHING.server(), null, new X500Principal("O=x"), List.of(signed));
    assertEquals("localhost", name(unnamed));
    Presented bare =
        new Presented(
            NOTHING.client(),
            NOTHING.server(),
            null,
            new X500Principal("O=x"),
            List.of(certificates.x509("ca")));
    assertTrue(name(bare).matches("sha256:[0-9a-f]{32}"), name(bare));
  }

  private static String name(Presented presented) {
    return assertInstanceOf(Admission.Admitted.class, certified(true).admit(presented))
        .caller()
        .name();
  }

  @Test
  void twoGrantsForOneTokenAreTold() {
    Grant one = Grant.all("one", "secret");
    assertEquals(Optional.of("one and two"), Grant.alike(List.of(one, Grant.all("two", "secret"))));
    assertEquals(Optional.empty(), Grant.alike(List.of(one, Grant.all("two", "other"))));
  }
}
