/** SQLite through Helidon's DbClient: what survives the daemon. */
@NullMarked
package io.faultd.store;

import org.jspecify.annotations.NullMarked;
