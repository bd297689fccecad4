/** The command line's client mode: orders to a daemon over REST; knows nothing of its inside. */
@NullMarked
package io.faultd.client;

import org.jspecify.annotations.NullMarked;
