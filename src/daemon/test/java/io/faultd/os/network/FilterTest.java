package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilterTest {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final Filter.Side ANY = new Filter.Side(List.of(), List.of());

  private static Filter.Side ports(Integer... ports) {
    return new Filter.Side(List.of(), Ports.of(Arrays.asList(ports)));
  }

  private static Filter.Side address(String prefix) {
    return new Filter.Side(List.of(Prefix.parse(prefix)), List.of());
  }

  private static List<Filter.Spared> passing(
      List<Integer> protocols, Filter.Side destination, Filter.Spared... spared) {
    return new Filter(
            Direction.OUT, List.of(), protocols, ANY, destination, ANY, Arrays.asList(spared))
        .passing();
  }

  @Test
  void portsOfOneSideAreOneRule() {
    Filter.Spared ssh = new Filter.Spared("ssh", TCP, ports(22), ANY, false);
    Filter.Spared api = new Filter.Spared("api", TCP, ports(21, 9526), ANY, false);
    Filter.Spared to = new Filter.Spared("kubernetes", TCP, ANY, ports(6443), false);
    Filter.Spared other = new Filter.Spared("other", UDP, ports(22), ANY, false);
    assertEquals(
        List.of(new Filter.Spared("ssh-api", TCP, ports(21, 22, 9526), ANY, false), to, other),
        passing(List.of(), ANY, ssh, to, other, api));
  }

  @Test
  void rulesWithAddressesOrBothPortsStayAsTheyAre() {
    Filter.Spared metadata =
        new Filter.Spared("metadata", 0, ANY, address("169.254.169.254"), false);
    Filter.Spared one = new Filter.Spared("dhcp", UDP, ports(68), ports(67), false);
    Filter.Spared two = new Filter.Spared("dhcp", UDP, ports(546), ports(547), false);
    assertEquals(List.of(metadata, one, two), passing(List.of(), ANY, metadata, one, two));
  }

  @Test
  void whatCannotBeAmongThosePacketsIsLeftOut() {
    Filter.Spared ssh = new Filter.Spared("ssh", TCP, ports(22), ANY, false);
    Filter.Spared to = new Filter.Spared("kubernetes", TCP, ANY, ports(6443), false);
    Filter.Spared dhcp = new Filter.Spared("dhcp", UDP, ports(68), ports(67), false);
    Filter.Spared metadata =
        new Filter.Spared("metadata", 0, ANY, address("169.254.169.254"), false);
    List<Integer> both = List.of(TCP, UDP);
    assertEquals(List.of(ssh, metadata), passing(both, ports(7777), ssh, to, dhcp, metadata));
    assertEquals(List.of(to, metadata), passing(both, ports(6443), to, metadata));
    assertEquals(List.of(metadata), passing(List.of(1, 58), ANY, ssh, to, dhcp, metadata));
    assertEquals(List.of(ssh), passing(List.of(), address("10.0.0.0/8"), ssh, metadata));
    assertEquals(List.of(metadata), passing(List.of(), address("169.0.0.0/8"), metadata));
    assertEquals(List.of(), passing(List.of(), address("fd00::/8"), metadata));
  }
}
