// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"
#include "core/capture/reconciler.h"
#include "core/capture/reconcilesql.h"

#include <QTest>

using namespace tidemark;

namespace {

CaptureSpec plays()
{
    CaptureSpec spec;
    spec.source = {QStringLiteral("public"), QStringLiteral("plays")};
    spec.name = QStringLiteral("capture_7_1");
    spec.key = {{QStringLiteral("id"), QStringLiteral("bigint"), {}, QStringLiteral("pg_catalog.=")},
                {QStringLiteral("Played at"), QStringLiteral("text"), QStringLiteral("public.\"Loose\""),
                 QStringLiteral("pg_catalog.=")}};
    return spec;
}

/// As a person reads it before it runs.
QString script(const QStringList &statements)
{
    QString text;
    for (const QString &statement : statements)
        text += statement + QStringLiteral(";\n");
    return text;
}

} // namespace

/// The statements of a capture, whole, as they are shown and run.
class TstCaptureSql : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void installMakesLogAndFunctionsAndTouchesNoTableOfOthers()
    {
        QCOMPARE(script(capturesql::install(plays())), QStringLiteral(R"sql(CREATE TABLE "tidemark"."capture_7_1" (
    k1 bigint,
    k2 text COLLATE public."Loose",
    at timestamptz NOT NULL DEFAULT pg_catalog.statement_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
COMMENT ON TABLE "tidemark"."capture_7_1" IS 'Tidemark: keys of rows changed in public.plays';
CREATE TABLE "tidemark"."capture_7_1_truncations" (
    condition text NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.statement_timestamp()
);
COMMENT ON TABLE "tidemark"."capture_7_1_truncations" IS 'Tidemark: rows that TRUNCATE took from public.plays';
CREATE FUNCTION "tidemark"."capture_7_1_insert"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $capture$
BEGIN
    INSERT INTO "tidemark"."capture_7_1" (k1, k2)
    SELECT n."id", n."Played at" FROM new_rows AS n;
    RETURN NULL;
END
$capture$;
REVOKE ALL ON FUNCTION "tidemark"."capture_7_1_insert"() FROM PUBLIC;
CREATE FUNCTION "tidemark"."capture_7_1_update"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $capture$
BEGIN
    INSERT INTO "tidemark"."capture_7_1" (k1, k2)
    SELECT n."id", n."Played at" FROM new_rows AS n UNION SELECT o."id", o."Played at" FROM old_rows AS o;
    RETURN NULL;
END
$capture$;
REVOKE ALL ON FUNCTION "tidemark"."capture_7_1_update"() FROM PUBLIC;
CREATE FUNCTION "tidemark"."capture_7_1_delete"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $capture$
BEGIN
    INSERT INTO "tidemark"."capture_7_1" (k1, k2)
    SELECT o."id", o."Played at" FROM old_rows AS o;
    RETURN NULL;
END
$capture$;
REVOKE ALL ON FUNCTION "tidemark"."capture_7_1_delete"() FROM PUBLIC;
CREATE FUNCTION "tidemark"."capture_7_1_truncate"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $capture$
BEGIN
    IF TG_NARGS = 0 THEN
        INSERT INTO "tidemark"."capture_7_1_truncations" (condition) VALUES ('true');
    ELSE
        INSERT INTO "tidemark"."capture_7_1_truncations" (condition) SELECT c
        FROM pg_catalog.pg_get_partition_constraintdef(TG_RELID) AS c WHERE c IS NOT NULL;
    END IF;
    RETURN NULL;
END
$capture$;
REVOKE ALL ON FUNCTION "tidemark"."capture_7_1_truncate"() FROM PUBLIC;
)sql"));
    }

    void enableWatchesEveryKindOfStatementReplicatedOnesToo()
    {
        QCOMPARE(
            script(capturesql::enable(plays())),
            QStringLiteral(
                R"sql(CREATE TRIGGER "tidemark_capture_7_1_insert" AFTER INSERT ON "public"."plays" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_insert"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_insert";
CREATE TRIGGER "tidemark_capture_7_1_update" AFTER UPDATE ON "public"."plays" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_update"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_update";
CREATE TRIGGER "tidemark_capture_7_1_delete" AFTER DELETE ON "public"."plays" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_delete"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_delete";
CREATE TRIGGER "tidemark_capture_7_1_truncate" AFTER TRUNCATE ON "public"."plays" FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_truncate"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_truncate";
)sql"));
    }

    void aPartitionIsWatchedForDirectWritersAndNamesItsRowsWhenTruncated()
    {
        const pg::QualifiedName partition{QStringLiteral("public"), QStringLiteral("plays_1")};
        QCOMPARE(
            script(capturesql::enableOn(plays(), {partition})),
            QStringLiteral(
                R"sql(CREATE TRIGGER "tidemark_capture_7_1_insert" AFTER INSERT ON "public"."plays_1" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_insert"();
ALTER TABLE "public"."plays_1" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_insert";
CREATE TRIGGER "tidemark_capture_7_1_update" AFTER UPDATE ON "public"."plays_1" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_update"();
ALTER TABLE "public"."plays_1" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_update";
CREATE TRIGGER "tidemark_capture_7_1_delete" AFTER DELETE ON "public"."plays_1" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_delete"();
ALTER TABLE "public"."plays_1" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_delete";
CREATE TRIGGER "tidemark_capture_7_1_truncate" AFTER TRUNCATE ON "public"."plays_1" FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_truncate"('partition');
ALTER TABLE "public"."plays_1" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_truncate";
)sql"));
    }

    void rowTriggersOfAPartitionedTableAreItsPartitionsToo()
    {
        CaptureSpec spec = plays();
        spec.flavour = CaptureFlavour::Row;
        spec.partitions = {{QStringLiteral("public"), QStringLiteral("plays_1")}};
        QCOMPARE(script(capturesql::install(spec).mid(4, 1)),
                 QStringLiteral(R"sql(CREATE FUNCTION "tidemark"."capture_7_1_row"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $capture$
BEGIN
    IF TG_OP OPERATOR(pg_catalog.<>) 'INSERT' THEN
        INSERT INTO "tidemark"."capture_7_1" (k1, k2) VALUES (OLD."id", OLD."Played at");
    END IF;
    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN
        INSERT INTO "tidemark"."capture_7_1" (k1, k2) VALUES (NEW."id", NEW."Played at");
    ELSIF TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN
        IF NOT (NEW."id" OPERATOR(pg_catalog.=) OLD."id" AND NEW."Played at" OPERATOR(pg_catalog.=) OLD."Played at") THEN
            INSERT INTO "tidemark"."capture_7_1" (k1, k2) VALUES (NEW."id", NEW."Played at");
        END IF;
    END IF;
    RETURN NULL;
END
$capture$;
)sql"));
        QCOMPARE(
            script(capturesql::enable(spec)),
            QStringLiteral(
                R"sql(CREATE TRIGGER "tidemark_capture_7_1_row" AFTER INSERT OR UPDATE OR DELETE ON "public"."plays" FOR EACH ROW EXECUTE FUNCTION "tidemark"."capture_7_1_row"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_row";
CREATE TRIGGER "tidemark_capture_7_1_truncate" AFTER TRUNCATE ON "public"."plays" FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_truncate"();
ALTER TABLE "public"."plays" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_truncate";
CREATE TRIGGER "tidemark_capture_7_1_truncate" AFTER TRUNCATE ON "public"."plays_1" FOR EACH STATEMENT EXECUTE FUNCTION "tidemark"."capture_7_1_truncate"('partition');
ALTER TABLE "public"."plays_1" ENABLE ALWAYS TRIGGER "tidemark_capture_7_1_truncate";
)sql"));
        QCOMPARE(script(capturesql::disable(spec)),
                 QStringLiteral(R"sql(DROP TRIGGER IF EXISTS "tidemark_capture_7_1_row" ON "public"."plays";
DROP TRIGGER IF EXISTS "tidemark_capture_7_1_truncate" ON "public"."plays";
DROP TRIGGER IF EXISTS "tidemark_capture_7_1_truncate" ON "public"."plays_1";
)sql"));
        QCOMPARE(script(capturesql::uninstall(spec)),
                 QStringLiteral(R"sql(DROP FUNCTION IF EXISTS "tidemark"."capture_7_1_row"();
DROP FUNCTION IF EXISTS "tidemark"."capture_7_1_truncate"();
DROP TABLE IF EXISTS "tidemark"."capture_7_1_truncations";
DROP TABLE IF EXISTS "tidemark"."capture_7_1";
)sql"));
    }

    void theMirrorChangesTheTargetAndNeverFailsTheStatement()
    {
        const CaptureMirror mirror{{QStringLiteral("public"), QStringLiteral("plays_new")},
                                   {QStringLiteral("id"), QStringLiteral("Played at"), QStringLiteral("n")}};
        QCOMPARE(script(capturesql::startMirror(plays(), mirror).mid(1, 1)),
                 QStringLiteral(R"sql(CREATE OR REPLACE FUNCTION "tidemark"."capture_7_1_update"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET row_security = off SET lock_timeout = '100ms' SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $capture$
BEGIN
    INSERT INTO "tidemark"."capture_7_1" (k1, k2)
    SELECT n."id", n."Played at" FROM new_rows AS n UNION SELECT o."id", o."Played at" FROM old_rows AS o;
    IF pg_catalog.current_setting('transaction_isolation') = 'read committed' THEN
        BEGIN
        DELETE FROM "public"."plays_new" AS t USING (SELECT n."id", n."Played at" FROM new_rows AS n UNION SELECT o."id", o."Played at" FROM old_rows AS o) AS k (k1, k2) WHERE t."id" OPERATOR(pg_catalog.=) k.k1 AND t."Played at" OPERATOR(pg_catalog.=) k.k2;
        INSERT INTO "public"."plays_new" ("id", "Played at", "n") OVERRIDING SYSTEM VALUE
        SELECT s."id", s."Played at", s."n" FROM (SELECT DISTINCT * FROM (SELECT n."id", n."Played at" FROM new_rows AS n UNION SELECT o."id", o."Played at" FROM old_rows AS o) AS every) AS k (k1, k2) JOIN "public"."plays" AS s ON s."id" OPERATOR(pg_catalog.=) k.k1 AND s."Played at" OPERATOR(pg_catalog.=) k.k2;
        EXCEPTION WHEN OTHERS THEN
            RAISE LOG 'tidemark: % stays for reconcile: % (%)', 'capture_7_1', SQLERRM, SQLSTATE;
        END;
    END IF;
    RETURN NULL;
END
$capture$;
)sql"));
    }

    void aStrictMirrorFailsTheStatement()
    {
        CaptureMirror mirror{{QStringLiteral("public"), QStringLiteral("plays_new")}, {QStringLiteral("id")}};
        mirror.strict = true;
        for (const QString &statement : capturesql::startMirror(plays(), mirror))
            QVERIFY2(!statement.contains(QLatin1String("EXCEPTION")), qPrintable(statement));
    }

    void stoppingTheMirrorGivesBackWhatInstallMade()
    {
        QStringList installed = capturesql::install(plays());
        installed = installed.filter(QStringLiteral("CREATE FUNCTION")).mid(0, 3);
        installed.replaceInStrings(QStringLiteral("CREATE FUNCTION"), QStringLiteral("CREATE OR REPLACE FUNCTION"));
        QCOMPARE(capturesql::stopMirror(plays()), installed);
    }

    void aNameCannotEndTheBodyOfAFunction()
    {
        CaptureSpec spec = plays();
        spec.key[1].name = QStringLiteral("a$capture$b$capture1$");
        const QString function = capturesql::install(spec).at(4);
        QCOMPARE(function.count(QStringLiteral("$capture2$")), 2);
    }

    void theLongestNameFitsEveryIdentifierMadeOfIt()
    {
        CaptureSpec spec = plays();
        spec.name = QString(longestCaptureName, QLatin1Char('c'));
        QVERIFY(spec.truncations().name.size() <= 63);
        for (const QString &function : capturesql::functionNames(spec))
            QVERIFY(capturesql::triggerName(function).size() <= 63);
    }

    void aBatchIsItsKeysDeletedAndTheSourcesRowsInserted()
    {
        using namespace reconcilesql;
        const ReconcileSpec spec{plays(),
                                 {QStringLiteral("public"), QStringLiteral("plays_new")},
                                 {QStringLiteral("id"), QStringLiteral("Played at"), QStringLiteral("n")}};
        QCOMPARE(
            QString::fromUtf8(deleteRows(spec, spec.target, Scope::Batch)),
            QStringLiteral(
                R"(DELETE FROM "public"."plays_new" AS t USING (SELECT DISTINCT l.k1, l.k2 FROM "tidemark"."capture_7_1" AS l)"
                R"( WHERE l.ctid <= $1::pg_catalog.tid) AS k)"
                R"( WHERE t."id" OPERATOR(pg_catalog.=) k.k1 AND t."Played at" OPERATOR(pg_catalog.=) k.k2)"));
        QCOMPARE(
            QString::fromUtf8(insertRows(spec, Scope::All)),
            QStringLiteral(
                R"(INSERT INTO "public"."plays_new" ("id", "Played at", "n") OVERRIDING SYSTEM VALUE)"
                R"( SELECT s."id", s."Played at", s."n" FROM (SELECT DISTINCT l.k1, l.k2 FROM "tidemark"."capture_7_1" AS l) AS k)"
                R"( JOIN "public"."plays" AS s ON s."id" OPERATOR(pg_catalog.=) k.k1 AND s."Played at" OPERATOR(pg_catalog.=) k.k2)"));
        QCOMPARE(QString::fromUtf8(forget(spec.capture, Scope::Batch)),
                 QStringLiteral(R"(DELETE FROM "tidemark"."capture_7_1" AS l WHERE l.ctid <= $1::pg_catalog.tid)"));
    }
};

QTEST_GUILESS_MAIN(TstCaptureSql)
#include "tst_capturesql.moc"
