package io.faultd.os.network;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags that say which packets are hit, as all network faults but {@link NetworkDrop} have
 * them; {@link Traffic} reads and checks them.
 *
 * @param direction in, out or both
 * @param interfaceName by which; empty: all but lo
 * @param protocol tcp, udp or icmp
 * @param localPort ports of this side
 * @param remotePort ports of the other side
 * @param excludePort ports that are on neither side
 * @param destinationIp addresses of the other side
 * @param excludeIp addresses that are on neither side
 * @param ignorePeerPort taken for the sake of clients that send it
 * @param force taken for the sake of clients that send it
 */
record TrafficFlags(
    String direction,
    List<String> interfaceName,
    @Nullable String protocol,
    List<Integer> localPort,
    List<Integer> remotePort,
    List<Integer> excludePort,
    List<String> destinationIp,
    List<String> excludeIp,
    boolean ignorePeerPort,
    boolean force) {}
