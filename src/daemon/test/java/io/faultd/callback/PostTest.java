package io.faultd.callback;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostTest {
  @ParameterizedTest
  @CsvSource({
    "hook.example, 192.0.2.1, true",
    "hook.example, 10.1.2.3, true",
    "hook.example, 127.0.0.1, false",
    "hook.example, 127.8.8.8, false",
    "hook.example, ::1, false",
    "hook.example, ::ffff:127.0.0.1, false",
    "hook.example, 169.254.169.254, false",
    "hook.example, fe80::1, false",
    "hook.example, fd00:ec2::254, false",
    "hook.example, 0.0.0.0, false",
    "hook.example, 224.0.0.1, false",
    "localhost, 127.0.0.1, true",
    "127.0.0.1, 127.0.0.1, true",
    "[::1], ::1, true"
  })
  void aNameLeadsNeitherToThisNodeNorToWhatOnlyItMayAsk(String host, String address, boolean called)
      throws IOException {
    InetAddress one = InetAddress.getByName(address);
    InetAddress other = InetAddress.getByName("192.0.2.2");
    if (called) {
      assertDoesNotThrow(() -> Post.check(host, List.of(other, one)));
    } else {
      IOException refusal =
          assertThrows(IOException.class, () -> Post.check(host, List.of(other, one)));
      assertEquals(
          "%s stands for %s, which is never called by a name".formatted(host, one.getHostAddress()),
          refusal.getMessage());
    }
  }
}
