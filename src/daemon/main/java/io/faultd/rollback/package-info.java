/** Takes announced steps back, looks whether they are still in place, sweeps for our marks. */
@NullMarked
package io.faultd.rollback;

import org.jspecify.annotations.NullMarked;
