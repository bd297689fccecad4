/** The network as the kernel tells it without being asked through a socket. */
@NullMarked
package io.faultd.linux.net;

import org.jspecify.annotations.NullMarked;
