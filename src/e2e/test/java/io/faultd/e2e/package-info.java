/** The packaged daemon, driven as its users drive it. */
@NullMarked
package io.faultd.e2e;

import org.jspecify.annotations.NullMarked;
