/** Linux, spoken from Java: marks, clocks and errors that the packages below share. */
@NullMarked
package io.faultd.linux;

import org.jspecify.annotations.NullMarked;
