/** The program: settings, wiring, start and end. */
@NullMarked
package io.faultd;

import org.jspecify.annotations.NullMarked;
