/** Traffic control (tc(8)) over rtnetlink: trees of qdiscs as they are, put back, and ours. */
@NullMarked
package io.faultd.linux.tc;

import org.jspecify.annotations.NullMarked;
