package io.faultd.linux.net;

import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether a network namespace passes on packets of others, as a router does. */
public final class Forwarding {
  private static final List<String> SETTINGS =
      List.of("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding");

  private Forwarding() {}

  /** The settings that are on, as sysctl(8) calls them; none if it is no router. */
  public static List<String> on(Network network) throws IOException {
    // procfs shows each thread the settings of its own network
    return network.inside(() -> {
      List<String> on = new ArrayList<>();
      for (String each : SETTINGS) {
        try {
          Path file = Path.of("/proc/sys", each);
          if (!Files.readString(file, StandardCharsets.US_ASCII).strip().equals("0")) {
            on.add(each.replace('/', '.'));
          }
        } catch (NoSuchFileException noSuchKind) {
          continue; // a kernel without IPv6
        }
      }
      return on;
    });
  }
}
