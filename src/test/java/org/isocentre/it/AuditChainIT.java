package org.isocentre.it;

/** The audit trail in H2. */
class AuditChainIT extends AuditChainContract {
  @Override
  String[] database() {
    return new String[0];
  }
}
