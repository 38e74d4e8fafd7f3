package org.isocentre.query;

import javax.sql.DataSource;

class H2WorklistTest extends WorklistContract {
  @Override
  DataSource database() {
    return Databases.h2();
  }
}
