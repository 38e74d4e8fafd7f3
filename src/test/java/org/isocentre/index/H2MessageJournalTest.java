package org.isocentre.index;

import javax.sql.DataSource;

class H2MessageJournalTest extends MessageJournalContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
