package org.isocentre.index;

import java.io.IOException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresPatientNumbersTest extends PatientNumbersContract {
  @BeforeAll
  static void start() throws IOException {
    PostgresIndexTest.start();
  }

  @AfterAll
  static void stop() throws IOException {
    PostgresIndexTest.stop();
  }

  @Override
  DataSource database() throws Exception {
    return new PostgresIndexTest().database();
  }
}
