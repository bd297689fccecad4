/** Packet filtering: tables of ours in nf_tables, made and read over nfnetlink. */
@NullMarked
package io.faultd.linux.nft;

import org.jspecify.annotations.NullMarked;
