// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/locktag.h"

#include <QTest>

using namespace tidemark;

namespace {

LockTag relationTag(const char *type)
{
    LockTag tag;
    tag.type = QLatin1String(type);
    tag.relationOid = 16384;
    tag.relation = {QStringLiteral("public"), QStringLiteral("hot")};
    tag.page = 3;
    tag.tuple = 7;
    return tag;
}

LockTag advisoryTag(quint32 high, quint32 low, int sub)
{
    LockTag tag;
    tag.type = QStringLiteral("advisory");
    tag.classOid = high;
    tag.objectOid = low;
    tag.objectSubId = sub;
    return tag;
}

} // namespace

class TstLockTag : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTypeIsNamedForPeople_data()
    {
        QTest::addColumn<LockTag>("tag");
        QTest::addColumn<QString>("text");

        QTest::newRow("relation") << relationTag("relation") << QStringLiteral("public.hot");
        QTest::newRow("extend") << relationTag("extend") << QStringLiteral("extension of public.hot");
        QTest::newRow("page") << relationTag("page") << QStringLiteral("page 3 of public.hot");
        QTest::newRow("tuple") << relationTag("tuple") << QStringLiteral("row (3,7) of public.hot");

        LockTag ugly = relationTag("relation");
        ugly.relation = {QStringLiteral("My Schema"), QStringLiteral("we\"ird; drop")};
        QTest::newRow("a name that needs quotes") << ugly << QStringLiteral("\"My Schema\".\"we\"\"ird; drop\"");
        LockTag percent = relationTag("tuple");
        percent.relation = {QStringLiteral("public"), QStringLiteral("%1")};
        QTest::newRow("a name that looks like a placeholder")
            << percent << QStringLiteral("row (3,7) of public.\"%1\"");

        for (const auto &[catalogue, text] : {std::pair("pg_database", "database plays"),
                                              {"pg_authid", "role plays"},
                                              {"pg_tablespace", "tablespace plays"}}) {
            LockTag shared;
            shared.type = QStringLiteral("object");
            shared.className = QString::fromLatin1(catalogue);
            shared.objectOid = 16384;
            shared.objectName = QStringLiteral("plays");
            QTest::newRow(text) << shared << QString::fromLatin1(text);
        }

        LockTag unknown = relationTag("relation");
        unknown.relation = {};
        QTest::newRow("a relation not committed yet") << unknown << QStringLiteral("relation 16384");
        unknown.otherDatabase = QStringLiteral("otherdb");
        QTest::newRow("another database's relation") << unknown << QStringLiteral("relation 16384 in otherdb");
        unknown.type = QStringLiteral("tuple");
        QTest::newRow("another database's row") << unknown << QStringLiteral("row (3,7) of relation 16384 in otherdb");

        LockTag transaction;
        transaction.type = QStringLiteral("transactionid");
        transaction.transactionId = 4294967295U;
        QTest::newRow("transaction") << transaction << QStringLiteral("transaction 4294967295");
        LockTag virtualXid;
        virtualXid.type = QStringLiteral("virtualxid");
        virtualXid.virtualXid = QStringLiteral("3/45");
        QTest::newRow("virtual transaction") << virtualXid << QStringLiteral("virtual transaction 3/45");
        LockTag object;
        object.type = QStringLiteral("object");
        object.className = QStringLiteral("pg_namespace");
        object.objectOid = 2200;
        QTest::newRow("object") << object << QStringLiteral("object 2200 of pg_namespace");
        LockTag frozen;
        frozen.type = QStringLiteral("frozenid");
        frozen.otherDatabase = QStringLiteral("otherdb");
        QTest::newRow("a type without a text of its own") << frozen << QStringLiteral("frozenid in otherdb");

        QTest::newRow("small bigint key") << advisoryTag(0, 777, 1) << QStringLiteral("advisory 777");
        QTest::newRow("bigint key over both halves") << advisoryTag(1, 2, 1) << QStringLiteral("advisory 4294967298");
        QTest::newRow("negative bigint key")
            << advisoryTag(0xffffffffU, 0xffffffffU, 1) << QStringLiteral("advisory -1");
        QTest::newRow("two keys") << advisoryTag(1, 2, 2) << QStringLiteral("advisory (1, 2)");
        QTest::newRow("two keys, one negative") << advisoryTag(1, 0xfffffffeU, 2) << QStringLiteral("advisory (1, -2)");
    }

    void everyTypeIsNamedForPeople()
    {
        QFETCH(const LockTag, tag);
        QFETCH(const QString, text);
        QCOMPARE(lockObjectText(tag), text);
    }

    // The table of the PostgreSQL documentation, 13.3.1, one row a mode: X conflicts.
    void conflictsAreThoseOfTheDocumentation()
    {
        static constexpr const char *modes[] = {
            "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
            "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
        static constexpr const char *table[] = {".......X", "......XX", "....XXXX", "...XXXXX",
                                                "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"};
        for (int wanted = 0; wanted < 8; ++wanted) {
            QCOMPARE(lockModeStrength(QLatin1String(modes[wanted])), wanted + 1);
            for (int held = 0; held < 8; ++held) {
                QVERIFY2(
                    lockModesConflict(QLatin1String(modes[wanted]), QLatin1String(modes[held]))
                        == (table[wanted][held] == 'X'),
                    qPrintable(
                        QStringLiteral("%1 against %2").arg(QLatin1String(modes[wanted]), QLatin1String(modes[held]))));
            }
        }
        QVERIFY(!lockModesConflict(QStringLiteral("SIReadLock"), QStringLiteral("AccessExclusiveLock")));
        QVERIFY(!lockModesConflict(QStringLiteral("AccessExclusiveLock"), QStringLiteral("SIReadLock")));
    }
};

QTEST_GUILESS_MAIN(TstLockTag)
#include "tst_locktag.moc"
