/** Netlink, spoken from Java: sockets inside network namespaces, messages, attributes, errors. */
@NullMarked
package io.faultd.linux.netlink;

import org.jspecify.annotations.NullMarked;
