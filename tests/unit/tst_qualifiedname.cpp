// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/qualifiedname.h"

#include <QRandomGenerator>
#include <QTest>

using namespace tidemark;
using pg::QualifiedName;

class TstQualifiedName : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sqlHasEveryPartInQuotes_data()
    {
        QTest::addColumn<QString>("schema");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("sql");
        const auto row = [](const char *schema, const char *name, const char *sql) {
            QTest::newRow(sql) << QString::fromUtf8(schema) << QString::fromUtf8(name) << QString::fromUtf8(sql);
        };
        row("public", "plays", "\"public\".\"plays\"");
        row("", "plays", "\"plays\"");
        row("public", "we\"ird; drop", "\"public\".\"we\"\"ird; drop\"");
        row("Mixed Case", "a.b", "\"Mixed Case\".\"a.b\"");
        row("\"", "\"\"", "\"\"\"\".\"\"\"\"\"\"");
        row("schéma", "表", "\"schéma\".\"表\"");
    }

    void sqlHasEveryPartInQuotes()
    {
        QFETCH(const QString, schema);
        QFETCH(const QString, name);
        QFETCH(const QString, sql);
        QCOMPARE((QualifiedName{schema, name}).quoted(), sql);
    }

    void peopleSeeQuotesOnlyWhereTheyAreNeeded_data()
    {
        QTest::addColumn<QString>("schema");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char *schema, const char *name, const char *shown) {
            QTest::newRow(shown) << QString::fromUtf8(schema) << QString::fromUtf8(name) << QString::fromUtf8(shown);
        };
        row("public", "source_track_plays", "public.source_track_plays");
        row("public", "Plays", "public.\"Plays\"");
        row("public", "1st", "public.\"1st\"");
        row("a.b", "c d", "\"a.b\".\"c d\"");
        row("", "_x$1", "_x$1");
    }

    void peopleSeeQuotesOnlyWhereTheyAreNeeded()
    {
        QFETCH(const QString, schema);
        QFETCH(const QString, name);
        QFETCH(const QString, shown);
        QCOMPARE((QualifiedName{schema, name}).display(), shown);
    }

    void namesAreReadAsPostgresReadsThem_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("sql"); // empty: not a name
        const auto row = [](const char *text, const char *sql) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(sql);
        };
        row("plays", "\"plays\"");
        row("Public.Plays", "\"public\".\"plays\"");
        row("\"we\"\"ird\".\"Name\"", "\"we\"\"ird\".\"Name\"");
        row("public.\"a.b\"", "\"public\".\"a.b\"");
        row("TABLÄ", "\"tablÄ\""); // in UTF-8 only ASCII is folded
        row("", "");
        row("a.", "");
        row(".a", "");
        row("a.b.c", "");
        row("a b", "");
        row("\"open", "");
        row("\"\"", "");
        row("\"a\"b", "");
        row("a\"b\"", "");
    }

    void namesAreReadAsPostgresReadsThem()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, sql);
        const auto name = QualifiedName::parse(text);
        QCOMPARE(name ? name->quoted() : QString(), sql);
    }

    void anyNameSurvivesBeingShownAndRead()
    {
        const quint32 seed = QRandomGenerator::system()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        const QString alphabet = QStringLiteral("abZ_$09 .\"'\\;\n\t-%éÄ表😀");
        const QList<uint> characters = alphabet.toUcs4();
        const auto anyName = [&] {
            QString name;
            for (int length = random.bounded(1, 20); length > 0; --length) {
                const char32_t character = characters.at(random.bounded(characters.size()));
                name += QString::fromUcs4(&character, 1);
            }
            return name;
        };
        for (int i = 0; i < 5'000; ++i) {
            const QualifiedName name{anyName(), anyName()};
            for (const QString &shown : {name.display(), name.quoted()}) {
                const auto read = QualifiedName::parse(shown);
                QVERIFY2(read, qPrintable(shown));
                QCOMPARE(*read, name);
            }
        }
    }

    void literalsHoldUnderAnyStringSetting()
    {
        QCOMPARE(pg::quoteLiteral(QStringLiteral("it's")), QStringLiteral("'it''s'"));
        QCOMPARE(pg::quoteLiteral(QStringLiteral("a\\'b")), QStringLiteral("E'a\\\\''b'"));
        QCOMPARE(pg::quoteLiteral({}), QStringLiteral("''"));
    }

    void namesAreOrderedBySchemaFirst()
    {
        const QualifiedName early{QStringLiteral("a"), QStringLiteral("z")};
        const QualifiedName late{QStringLiteral("b"), QStringLiteral("a")};
        QVERIFY(early < late);
        QVERIFY((QualifiedName{QStringLiteral("a"), QStringLiteral("y")}) < early);
    }
};

QTEST_GUILESS_MAIN(TstQualifiedName)
#include "tst_qualifiedname.moc"
