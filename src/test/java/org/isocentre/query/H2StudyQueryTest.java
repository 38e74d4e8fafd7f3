package org.isocentre.query;

import javax.sql.DataSource;

class H2StudyQueryTest extends StudyQueryContract {
  @Override
  DataSource database() {
    return Databases.h2();
  }
}
