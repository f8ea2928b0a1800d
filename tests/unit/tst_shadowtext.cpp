// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/attachddl.h"
#include "core/stage/obstacles.h"
#include "core/stage/partitionplan.h"
#include "core/stage/shadowddl.h"
#include "core/stage/swapddl.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::stage;

namespace {

TableInventory plays()
{
    TableInventory table;
    table.serverVersion = 150'000;
    table.facts.oid = 100;
    table.facts.name = {u"public"_s, u"Plays"_s};
    table.facts.kind = u"table"_s;
    table.facts.owner = u"app"_s;
    table.facts.persistence = u"permanent"_s;
    table.facts.accessMethod = u"heap"_s;
    table.facts.options = {u"fillfactor=90"_s};
    table.facts.replicaIdentity = u"DEFAULT"_s;
    table.facts.comment = u"what's played"_s;
    table.facts.rowSecurity = true;
    const QStringList all{u"DELETE"_s,  u"INSERT"_s,   u"REFERENCES"_s, u"SELECT"_s,
                          u"TRIGGER"_s, u"TRUNCATE"_s, u"UPDATE"_s};
    for (const QString &privilege : all)
        table.facts.privileges.push_back({u"app"_s, u"app"_s, privilege, false});
    table.facts.privileges.push_back({u"app"_s, {}, u"SELECT"_s, false});

    TableColumn id;
    id.name = u"id"_s;
    id.type = u"bigint"_s;
    id.notNull = true;
    id.identity = u"ALWAYS"_s;
    TableColumn at;
    at.name = u"at"_s;
    at.type = u"timestamp with time zone"_s;
    at.notNull = true;
    at.defaultExpression = u"now()"_s;
    TableColumn note;
    note.name = u"a \"note\""_s;
    note.type = u"text"_s;
    note.collation = u"pg_catalog.\"C\""_s;
    note.storage = u"EXTERNAL"_s;
    note.storageIsDefault = false;
    note.statisticsTarget = 500;
    TableColumn artist;
    artist.name = u"artist"_s;
    artist.type = u"integer"_s;
    table.columns = {id, at, note, artist};

    TableConstraint key;
    key.name = key.index = u"Plays_pkey"_s;
    key.kind = u"PRIMARY KEY"_s;
    key.definition = u"PRIMARY KEY (id)"_s;
    key.columns = {u"id"_s};
    TableConstraint check;
    check.name = u"positive"_s;
    check.kind = u"CHECK"_s;
    check.definition = u"CHECK ((artist > 0))"_s;
    check.columns = {u"artist"_s};
    table.constraints = {key, check};

    TableIndex primary;
    primary.name = primary.constraint = u"Plays_pkey"_s;
    primary.body = u"USING btree (id)"_s;
    primary.isUnique = primary.isPrimary = true;
    primary.columns = {u"id"_s};
    TableIndex byArtist;
    byArtist.name = u"by_artist"_s;
    byArtist.body = u"USING btree (artist, at DESC)"_s;
    byArtist.predicate = u"(artist IS NOT NULL)"_s;
    byArtist.columns = {u"artist"_s, u"at"_s};
    table.indexes = {primary, byArtist};

    ForeignKey toArtist;
    toArtist.name = u"to_artist"_s;
    toArtist.table = table.facts.name;
    toArtist.tableKind = u"table"_s;
    toArtist.referenced = {u"public"_s, u"artists"_s};
    toArtist.own = true;
    toArtist.definition = u"FOREIGN KEY (artist) REFERENCES public.artists(id)"_s;
    toArtist.columns = {u"artist"_s};
    toArtist.referencedColumns = {u"id"_s};
    ForeignKey inbound;
    inbound.name = u"of_play"_s;
    inbound.table = {u"public"_s, u"likes"_s};
    inbound.tableKind = u"table"_s;
    inbound.referenced = table.facts.name;
    inbound.inbound = true;
    inbound.definition = u"FOREIGN KEY (play) REFERENCES public.\"Plays\"(id)"_s;
    inbound.columns = {u"play"_s};
    inbound.referencedColumns = {u"id"_s};
    table.foreignKeys = {toArtist, inbound};

    OwnedSequence ids;
    ids.name = {u"public"_s, u"Plays_id_seq"_s};
    ids.column = u"id"_s;
    ids.isIdentity = true;
    ids.maximum = 9'223'372'036'854'775'807;
    ids.owner = u"app"_s;
    for (const QString &privilege : {u"SELECT"_s, u"UPDATE"_s, u"USAGE"_s})
        ids.privileges.push_back({u"app"_s, u"app"_s, privilege, false});
    table.sequences = {ids};

    Trigger trigger;
    trigger.name = u"touch"_s;
    trigger.definition =
        u"CREATE TRIGGER touch AFTER UPDATE ON public.\"Plays\" FOR EACH ROW EXECUTE FUNCTION public.touch()"_s;
    trigger.enabled = u"ENABLE ALWAYS"_s;
    trigger.isRow = true;
    table.triggers = {trigger};
    Policy policy;
    policy.name = u"mine"_s;
    policy.relation = table.facts.name;
    policy.command = u"SELECT"_s;
    policy.roles = {u"reader"_s};
    policy.usingExpression = u"(artist = 1)"_s;
    table.policies = {policy};

    DependentView view;
    view.facts.oid = 200;
    view.facts.name = {u"public"_s, u"recent"_s};
    view.facts.kind = u"view"_s;
    view.facts.options = {u"security_barrier=true"_s};
    view.definition = u" SELECT id FROM public.\"Plays\""_s;
    view.reads = {100};
    table.views = {view};
    table.publications = {{u"pub"_s, u"table"_s, true, {u"id"_s, u"at"_s}, u"(artist = 1)"_s}};
    return table;
}

ShadowSpec byMonth()
{
    ShadowSpec spec;
    spec.shape = ShadowShape::Native;
    spec.keyColumn = u"at"_s;
    spec.shadowName = u"Plays_new"_s;
    spec.retiredName = u"Plays_old"_s;
    spec.partitions = {{u"Plays_p2026_01"_s, u"2026-01-01 00:00:00+00"_s, u"2026-02-01 00:00:00+00"_s, false},
                       {u"Plays_default"_s, {}, {}, true}};
    return spec;
}

} // namespace

/// The SQL that a person reads in the review, word for word.
class TstShadowText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theShadowIsMadeWordForWord();
    void indexesAreBuiltOnPartitionsAndPairedByName();
    void theSwapIsThisAndNothingElse();
    void theWayBackUndoesIt();
    void aTableIsAttachedByTheseStatementsAndNoOthers();
    void whatIsLostOrChangedIsSaidBefore();
    void keysGainTheirColumnWhateverTheNamesHold();
};

void TstShadowText::theShadowIsMadeWordForWord()
{
    const QString expected = uR"(CREATE TABLE "public"."Plays_new" (
    "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "public"."Plays_id_seq_tidemark_new" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1 NO CYCLE) NOT NULL,
    "at" timestamp with time zone DEFAULT now() NOT NULL,
    "a ""note""" text COLLATE pg_catalog."C",
    "artist" integer,
    CONSTRAINT "positive" CHECK ((artist > 0))
) PARTITION BY RANGE ("at");
ALTER TABLE "public"."Plays_new" OWNER TO "app";
ALTER TABLE "public"."Plays_new" ALTER COLUMN "a ""note""" SET STORAGE EXTERNAL;
ALTER TABLE "public"."Plays_new" ALTER COLUMN "a ""note""" SET STATISTICS 500;
CREATE TABLE "public"."Plays_p2026_01" (LIKE "public"."Plays_new" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION, CONSTRAINT "tidemark_bounds" CHECK ("at" IS NOT NULL AND "at" >= '2026-01-01 00:00:00+00'::timestamp with time zone AND "at" < '2026-02-01 00:00:00+00'::timestamp with time zone)) USING "heap" WITH ("fillfactor"='90');
ALTER TABLE "public"."Plays_p2026_01" OWNER TO "app";
ALTER TABLE "public"."Plays_p2026_01" ALTER COLUMN "a ""note""" SET STATISTICS 500;
CREATE TABLE "public"."Plays_default" (LIKE "public"."Plays_new" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION) USING "heap" WITH ("fillfactor"='90');
ALTER TABLE "public"."Plays_default" OWNER TO "app";
ALTER TABLE "public"."Plays_default" ALTER COLUMN "a ""note""" SET STATISTICS 500)"_s;
    QCOMPARE(createShadow(plays(), byMonth()).join(u";\n"_s), expected);
    const QString finish = uR"(GRANT SELECT ON TABLE "public"."Plays_new" TO PUBLIC;
COMMENT ON TABLE "public"."Plays_new" IS 'what''s played')"_s;
    QCOMPARE(finishShadow(plays(), byMonth()).join(u";\n"_s), finish);
}

void TstShadowText::indexesAreBuiltOnPartitionsAndPairedByName()
{
    const auto builds = buildIndexes(plays(), byMonth());
    QCOMPARE(builds.size(), 2U);
    QCOMPARE(builds.at(0).target.name, u"Plays_p2026_01"_s);
    QCOMPARE(builds.at(0).statements.join(u";\n"_s),
             uR"(CREATE UNIQUE INDEX "Plays_p2026_01_Plays_pkey" ON "public"."Plays_p2026_01" USING btree (id, "at");
ALTER TABLE "public"."Plays_p2026_01" ADD CONSTRAINT "Plays_p2026_01_Plays_pkey" PRIMARY KEY USING INDEX "Plays_p2026_01_Plays_pkey";
CREATE INDEX "Plays_p2026_01_by_artist" ON "public"."Plays_p2026_01" USING btree (artist, at DESC) WHERE (artist IS NOT NULL))"_s);
    QCOMPARE(
        attachPartitions(plays(), byMonth()).join(u";\n"_s),
        uR"(ALTER TABLE "public"."Plays_new" ATTACH PARTITION "public"."Plays_p2026_01" FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');
ALTER TABLE "public"."Plays_p2026_01" DROP CONSTRAINT "tidemark_bounds";
ALTER TABLE "public"."Plays_new" ATTACH PARTITION "public"."Plays_default" DEFAULT)"_s);
    QCOMPARE(parentIndexes(plays(), byMonth()).join(u";\n"_s),
             uR"(ALTER TABLE ONLY "public"."Plays_new" ADD CONSTRAINT "Plays_pkey_tidemark_new" PRIMARY KEY (id, "at");
ALTER INDEX "public"."Plays_pkey_tidemark_new" ATTACH PARTITION "public"."Plays_p2026_01_Plays_pkey";
ALTER INDEX "public"."Plays_pkey_tidemark_new" ATTACH PARTITION "public"."Plays_default_Plays_pkey";
CREATE INDEX "by_artist_tidemark_new" ON ONLY "public"."Plays_new" USING btree (artist, at DESC) WHERE (artist IS NOT NULL);
ALTER INDEX "public"."by_artist_tidemark_new" ATTACH PARTITION "public"."Plays_p2026_01_by_artist";
ALTER INDEX "public"."by_artist_tidemark_new" ATTACH PARTITION "public"."Plays_default_by_artist")"_s);
}

void TstShadowText::theSwapIsThisAndNothingElse()
{
    QCOMPARE(stage::swap(plays(), byMonth()).join(u";\n"_s), uR"(ALTER TABLE "public"."Plays" RENAME TO "Plays_old";
ALTER INDEX "public"."Plays_pkey" RENAME TO "Plays_pkey_tidemark_old";
ALTER INDEX "public"."by_artist" RENAME TO "by_artist_tidemark_old";
ALTER SEQUENCE "public"."Plays_id_seq" RENAME TO "Plays_id_seq_tidemark_old";
ALTER TABLE "public"."Plays_new" RENAME TO "Plays";
ALTER INDEX "public"."Plays_pkey_tidemark_new" RENAME TO "Plays_pkey";
ALTER INDEX "public"."by_artist_tidemark_new" RENAME TO "by_artist";
ALTER SEQUENCE "public"."Plays_id_seq_tidemark_new" RENAME TO "Plays_id_seq";
SELECT pg_catalog.setval('"public"."Plays_id_seq"'::pg_catalog.regclass, last_value, is_called) FROM "public"."Plays_id_seq_tidemark_old";
ALTER TABLE "public"."Plays_old" DROP CONSTRAINT IF EXISTS "to_artist";
CREATE TRIGGER touch AFTER UPDATE ON public."Plays" FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE "public"."Plays" ENABLE ALWAYS TRIGGER "touch";
ALTER TABLE "public"."Plays_old" DISABLE TRIGGER "touch";
CREATE POLICY "mine" ON "public"."Plays" AS PERMISSIVE FOR SELECT TO "reader" USING ((artist = 1));
ALTER TABLE "public"."Plays" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "public"."Plays_p2026_01" ADD CONSTRAINT "to_artist" FOREIGN KEY (artist) REFERENCES public.artists(id) NOT VALID;
ALTER TABLE "public"."Plays_default" ADD CONSTRAINT "to_artist" FOREIGN KEY (artist) REFERENCES public.artists(id) NOT VALID;
ALTER TABLE "public"."likes" DROP CONSTRAINT IF EXISTS "of_play";
CREATE OR REPLACE VIEW "public"."recent" WITH ("security_barrier"='true') AS
 SELECT id FROM public."Plays";
ALTER PUBLICATION "pub" DROP TABLE "public"."Plays_old";
ALTER PUBLICATION "pub" ADD TABLE "public"."Plays" ("id", "at") WHERE ((artist = 1)))"_s);
    QCOMPARE(finishSwap(plays(), byMonth()).join(u";\n"_s),
             uR"(ALTER TABLE "public"."Plays_p2026_01" VALIDATE CONSTRAINT "to_artist";
ALTER TABLE "public"."Plays_default" VALIDATE CONSTRAINT "to_artist";
ALTER TABLE "public"."Plays" ADD CONSTRAINT "to_artist" FOREIGN KEY (artist) REFERENCES public.artists(id))"_s);
    // … unless the swap is to be as short as can be.
    ShadowSpec brief = byMonth();
    brief.foreignKeysAfterSwap = true;
    QVERIFY(!stage::swap(plays(), brief).join(u'\n').contains(u"ADD CONSTRAINT"_s));
    QCOMPARE(
        finishSwap(plays(), brief).mid(0, 3),
        (QStringList{
            u"ALTER TABLE \"public\".\"Plays_p2026_01\" ADD CONSTRAINT \"to_artist\" FOREIGN KEY (artist) REFERENCES public.artists(id) NOT VALID"_s,
            u"ALTER TABLE \"public\".\"Plays_default\" ADD CONSTRAINT \"to_artist\" FOREIGN KEY (artist) REFERENCES public.artists(id) NOT VALID"_s,
            u"ALTER TABLE \"public\".\"Plays_p2026_01\" VALIDATE CONSTRAINT \"to_artist\""_s}));
    QStringList locked;
    for (const SwapLock &lock : swapLocks(plays(), byMonth()))
        locked << lock.relation.name;
    QCOMPARE(locked, (QStringList{u"Plays"_s, u"Plays_new"_s, u"artists"_s, u"likes"_s, u"recent"_s}));
}

void TstShadowText::theWayBackUndoesIt()
{
    QCOMPARE(swapBack(plays(), byMonth()).join(u";\n"_s), uR"(ALTER TABLE "public"."Plays" RENAME TO "Plays_new";
ALTER INDEX "public"."Plays_pkey" RENAME TO "Plays_pkey_tidemark_new";
ALTER INDEX "public"."by_artist" RENAME TO "by_artist_tidemark_new";
ALTER SEQUENCE "public"."Plays_id_seq" RENAME TO "Plays_id_seq_tidemark_new";
ALTER TABLE "public"."Plays_old" RENAME TO "Plays";
ALTER INDEX "public"."Plays_pkey_tidemark_old" RENAME TO "Plays_pkey";
ALTER INDEX "public"."by_artist_tidemark_old" RENAME TO "by_artist";
ALTER SEQUENCE "public"."Plays_id_seq_tidemark_old" RENAME TO "Plays_id_seq";
SELECT pg_catalog.setval('"public"."Plays_id_seq"'::pg_catalog.regclass, last_value, is_called) FROM "public"."Plays_id_seq_tidemark_new";
ALTER TABLE "public"."Plays_new" DROP CONSTRAINT IF EXISTS "to_artist";
ALTER TABLE "public"."Plays_p2026_01" DROP CONSTRAINT IF EXISTS "to_artist";
ALTER TABLE "public"."Plays_default" DROP CONSTRAINT IF EXISTS "to_artist";
ALTER TABLE "public"."Plays_new" DISABLE ROW LEVEL SECURITY;
DROP POLICY "mine" ON "public"."Plays_new";
DROP TRIGGER "touch" ON "public"."Plays_new";
ALTER TABLE "public"."Plays" ENABLE ALWAYS TRIGGER "touch";
ALTER TABLE "public"."Plays" ADD CONSTRAINT "to_artist" FOREIGN KEY (artist) REFERENCES public.artists(id) NOT VALID;
ALTER TABLE "public"."likes" DROP CONSTRAINT IF EXISTS "of_play";
ALTER TABLE "public"."likes" ADD CONSTRAINT "of_play" FOREIGN KEY (play) REFERENCES public."Plays"(id) NOT VALID;
CREATE OR REPLACE VIEW "public"."recent" WITH ("security_barrier"='true') AS
 SELECT id FROM public."Plays";
ALTER PUBLICATION "pub" DROP TABLE "public"."Plays_new";
ALTER PUBLICATION "pub" ADD TABLE "public"."Plays" ("id", "at") WHERE ((artist = 1)))"_s);
    QCOMPARE(retire(plays(), byMonth()), QStringList{u"DROP TABLE \"public\".\"Plays_old\""_s});
}

void TstShadowText::aTableIsAttachedByTheseStatementsAndNoOthers()
{
    ShadowSpec spec = byMonth();
    spec.attach = true;
    spec.retiredName = u"Plays_history"_s;
    spec.historyTo = u"2026-01-01 00:00:00+00"_s;
    const auto keys = keyIndexes(plays(), spec);
    QCOMPARE(keys.size(), 1U);
    QCOMPARE(
        keys.at(0).create,
        u"CREATE UNIQUE INDEX CONCURRENTLY \"Plays_pkey_tidemark_key\" ON \"public\".\"Plays\" USING btree (id, \"at\")"_s);
    QCOMPARE(
        addBoundsCheck(plays(), spec),
        u"ALTER TABLE \"public\".\"Plays\" ADD CONSTRAINT \"tidemark_bounds\" CHECK (\"at\" IS NOT NULL AND \"at\" < '2026-01-01 00:00:00+00'::timestamp with time zone) NOT VALID"_s);
    QCOMPARE(attachTable(plays(), spec).join(u";\n"_s), uR"(DROP TRIGGER "touch" ON "public"."Plays";
ALTER TABLE "public"."likes" DROP CONSTRAINT IF EXISTS "of_play";
ALTER SEQUENCE "public"."Plays_id_seq" RENAME TO "Plays_id_seq_tidemark_old";
ALTER TABLE "public"."Plays" RENAME TO "Plays_history";
ALTER INDEX "public"."Plays_pkey_tidemark_key" RENAME TO "Plays_history_Plays_pkey";
ALTER INDEX "public"."by_artist" RENAME TO "Plays_history_by_artist";
ALTER TABLE "public"."Plays_history" DROP CONSTRAINT "Plays_pkey";
ALTER TABLE "public"."Plays_history" ADD CONSTRAINT "Plays_history_Plays_pkey" PRIMARY KEY USING INDEX "Plays_history_Plays_pkey";
ALTER TABLE "public"."Plays_new" RENAME TO "Plays";
ALTER INDEX "public"."Plays_pkey_tidemark_new" RENAME TO "Plays_pkey";
ALTER INDEX "public"."by_artist_tidemark_new" RENAME TO "by_artist";
ALTER SEQUENCE "public"."Plays_id_seq_tidemark_new" RENAME TO "Plays_id_seq";
SELECT pg_catalog.setval('"public"."Plays_id_seq"'::pg_catalog.regclass, last_value, is_called) FROM "public"."Plays_id_seq_tidemark_old";
ALTER TABLE "public"."Plays_history" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "public"."Plays" ATTACH PARTITION "public"."Plays_history" FOR VALUES FROM (MINVALUE) TO ('2026-01-01 00:00:00+00');
ALTER TABLE "public"."Plays_history" DROP CONSTRAINT "tidemark_bounds";
CREATE TRIGGER touch AFTER UPDATE ON public."Plays" FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE "public"."Plays" ENABLE ALWAYS TRIGGER "touch";
CREATE POLICY "mine" ON "public"."Plays" AS PERMISSIVE FOR SELECT TO "reader" USING ((artist = 1));
ALTER TABLE "public"."Plays" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "public"."Plays" ADD CONSTRAINT "to_artist" FOREIGN KEY (artist) REFERENCES public.artists(id);
CREATE OR REPLACE VIEW "public"."recent" WITH ("security_barrier"='true') AS
 SELECT id FROM public."Plays";
ALTER PUBLICATION "pub" DROP TABLE "public"."Plays_history";
ALTER PUBLICATION "pub" ADD TABLE "public"."Plays" ("id", "at") WHERE ((artist = 1)))"_s);
    QCOMPARE(rebuildKey(plays(), spec).join(u";\n"_s),
             uR"(DROP INDEX CONCURRENTLY IF EXISTS "public"."Plays_pkey_tidemark_old";
CREATE UNIQUE INDEX CONCURRENTLY "Plays_pkey_tidemark_old" ON "public"."Plays_history" USING btree (id))"_s);
    QCOMPARE(detachTable(plays(), spec).join(u";\n"_s),
             uR"(ALTER TABLE "public"."likes" DROP CONSTRAINT IF EXISTS "of_play";
ALTER TABLE "public"."Plays" DETACH PARTITION "public"."Plays_history";
ALTER TABLE "public"."Plays" RENAME TO "Plays_new";
ALTER INDEX "public"."Plays_pkey" RENAME TO "Plays_pkey_tidemark_new";
ALTER INDEX "public"."by_artist" RENAME TO "by_artist_tidemark_new";
ALTER SEQUENCE "public"."Plays_id_seq" RENAME TO "Plays_id_seq_tidemark_new";
ALTER TABLE "public"."Plays_history" RENAME TO "Plays";
ALTER INDEX "public"."Plays_history_Plays_pkey" RENAME TO "Plays_pkey_tidemark_key";
ALTER INDEX "public"."Plays_history_by_artist" RENAME TO "by_artist";
ALTER TABLE "public"."Plays" DROP CONSTRAINT "Plays_pkey_tidemark_key";
ALTER INDEX "public"."Plays_pkey_tidemark_old" RENAME TO "Plays_pkey";
ALTER TABLE "public"."Plays" ADD CONSTRAINT "Plays_pkey" PRIMARY KEY USING INDEX "Plays_pkey";
ALTER TABLE "public"."Plays" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "public"."Plays_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1 NO CYCLE);
SELECT pg_catalog.setval('"public"."Plays_id_seq"'::pg_catalog.regclass, last_value, is_called) FROM "public"."Plays_id_seq_tidemark_new";
ALTER TABLE "public"."Plays_new" DROP CONSTRAINT IF EXISTS "to_artist";
ALTER TABLE "public"."Plays_new" DISABLE ROW LEVEL SECURITY;
DROP POLICY "mine" ON "public"."Plays_new";
SET CONSTRAINTS ALL IMMEDIATE;
SET LOCAL row_security = off;
INSERT INTO "public"."Plays" ("id", "at", "a ""note""", "artist") OVERRIDING SYSTEM VALUE SELECT "id", "at", "a ""note""", "artist" FROM "public"."Plays_new";
SET LOCAL row_security TO DEFAULT;
DROP TRIGGER "touch" ON "public"."Plays_new";
CREATE TRIGGER touch AFTER UPDATE ON public."Plays" FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE "public"."Plays" ENABLE ALWAYS TRIGGER "touch";
ALTER TABLE "public"."likes" ADD CONSTRAINT "of_play" FOREIGN KEY (play) REFERENCES public."Plays"(id) NOT VALID;
CREATE OR REPLACE VIEW "public"."recent" WITH ("security_barrier"='true') AS
 SELECT id FROM public."Plays";
ALTER PUBLICATION "pub" DROP TABLE "public"."Plays_new";
ALTER PUBLICATION "pub" ADD TABLE "public"."Plays" ("id", "at") WHERE ((artist = 1)))"_s);
}

void TstShadowText::whatIsLostOrChangedIsSaidBefore()
{
    QStringList said;
    for (const Obstacle &obstacle : findObstacles(plays(), byMonth()))
        said << QString::number(int(obstacle.gravity)) + u' ' + obstacle.object;
    QCOMPARE(said, (QStringList{u"1 foreign key of_play on public.likes"_s, u"2 index Plays_pkey"_s}));

    ShadowSpec same = byMonth();
    same.shape = ShadowShape::Same;
    QCOMPARE(findObstacles(plays(), same).size(), 0U);
    TableInventory bad = plays();
    bad.facts.children = {u"public.heir"_s};
    bad.columns[1].notNull = false;
    bad.mentions = {{u"column"_s, u"column p of table q"_s}};
    said.clear();
    for (const Obstacle &obstacle : findObstacles(bad, byMonth())) {
        if (obstacle.gravity == Obstacle::Gravity::Refused)
            said << obstacle.object;
    }
    QCOMPARE(said, (QStringList{u"public.\"Plays\""_s, u"constraint Plays_pkey"_s, u"column p of table q"_s}));
}

void TstShadowText::keysGainTheirColumnWhateverTheNamesHold()
{
    TableInventory table = plays();
    table.indexes[0].body = u"USING btree (\"a)(\", lower(x || ')'::text)) INCLUDE (y)"_s;
    table.indexes[0].constraint.clear();
    QVERIFY(buildIndexes(table, byMonth())
                .at(0)
                .statements.at(0)
                .endsWith(u"USING btree (\"a)(\", lower(x || ')'::text), \"at\") INCLUDE (y)"_s));
}

QTEST_APPLESS_MAIN(TstShadowText)
#include "tst_shadowtext.moc"
