package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.mock.env.MockEnvironment;

/** What PostgreSQL says of a failure names no value of a row, as with the embedded database. */
class PostgresFailuresTest {
  @Test
  void aKeyThatIsThereIsNotQuoted() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(postgres.getJdbcUrl("postgres", "postgres"));
      pool.setUsername("postgres");
      StoreConfiguration.index(new MockEnvironment()).postProcessBeforeInitialization(pool, "");
      JdbcTemplate sql = new JdbcTemplate(pool);
      sql.execute("create table patient (nhs varchar(10) primary key)");
      sql.update("insert into patient values (?)", "9990000018");

      DuplicateKeyException failure =
          catchThrowableOfType(
              DuplicateKeyException.class,
              () -> sql.update("insert into patient values (?)", "9990000018"));

      StringWriter all = new StringWriter();
      failure.printStackTrace(new PrintWriter(all));
      assertThat(all.toString()).contains("patient_pkey").doesNotContain("9990000018");
    }
  }
}
