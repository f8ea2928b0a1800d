// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tidemark;

class TstPrintable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsNoVisibleSignIsShownAsAnEscape_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char *name, const QString &text, const QString &shown) {
            QTest::newRow(name) << text << shown;
        };
        row("plain", QStringLiteral("public.plays"), QStringLiteral("public.plays"));
        row("line break", QStringLiteral("a\nb\r\tc"), QStringLiteral("a\\nb\\r\\tc"));
        row("terminal escape", QStringLiteral("\x1b[31mred"), QStringLiteral("\\x1b[31mred"));
        row("delete", QStringLiteral("a\x7f"), QStringLiteral("a\\x7f"));
        row("C1 control", QString(QChar(0x9b)) + QLatin1Char('m'), QStringLiteral("\\u009bm"));
        row("right to left override", QString::fromUtf8("a\u202egpj"), QStringLiteral("a\\u202egpj"));
        row("isolate", QString::fromUtf8("\u2066x\u2069"), QStringLiteral("\\u2066x\\u2069"));
        row("zero width", QString::fromUtf8("pl\u200bays\ufeff"), QStringLiteral("pl\\u200bays\\ufeff"));
        row("line separator", QString::fromUtf8("a\u2028b"), QStringLiteral("a\\u2028b"));
        row("tag", QString::fromUtf8("a\U000e0041"), QStringLiteral("a\\U000e0041"));
        row("half a pair", QString(QChar(0xd800)) + QLatin1Char('x'), QStringLiteral("\\ud800x"));
        row("other scripts stay", QString::fromUtf8("表 naïve مرحبا 🐘"), QString::fromUtf8("表 naïve مرحبا 🐘"));
    }
    void whatIsNoVisibleSignIsShownAsAnEscape()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, shown);
        QCOMPARE(printable(text), shown);
    }

    void aMessageKeepsItsLines()
    {
        QCOMPARE(printable(QStringLiteral("a\n\tb\x1b[0m\r"), Lines::Kept), QStringLiteral("a\n\tb\\x1b[0m\\r"));
    }

    void jsonIsTheSameDocumentBehindItsEscapes()
    {
        const QJsonObject object{
            {QStringLiteral("name"), QString::fromUtf8("a\n\x1b\x7f\u009b\u202e\u2028\U000e0041表")}};
        for (const auto format : {QJsonDocument::Indented, QJsonDocument::Compact}) {
            const QString text = printableJson(QString::fromUtf8(QJsonDocument(object).toJson(format)));
            for (const QString &escape : {QStringLiteral("\\u202e"), QStringLiteral("\\u007f"),
                                          QStringLiteral("\\u2028"), QStringLiteral("\\udb40\\udc41")})
                QVERIFY2(text.contains(escape), qPrintable(text));
            QVERIFY(!text.contains(QChar(0x202e)) && !text.contains(QChar(0x7f)));
            QCOMPARE(QJsonDocument::fromJson(text.toUtf8()).object(), object);
        }
    }

    void bytesOfAnotherEncodingStayApart()
    {
        QCOMPARE(fromUncheckedUtf8("plain"), QStringLiteral("plain"));
        QVERIFY(fromUncheckedUtf8({}).isEmpty() && !fromUncheckedUtf8({}).isNull());
        QCOMPARE(fromUncheckedUtf8("caf\xc3\xa9"), QString::fromUtf8("café"));
        QCOMPARE(fromUncheckedUtf8("caf\xe9 \xc3\xa9"), QString::fromUtf8("caf\\xe9 é"));
        QCOMPARE(fromUncheckedUtf8("\xc3"), QStringLiteral("\\xc3"));
        QCOMPARE(fromUncheckedUtf8("\xf0\x9f\x90\x98\xff\xfe"), QString::fromUtf8("🐘\\xff\\xfe"));
        QVERIFY(fromUncheckedUtf8("a\xe8") != fromUncheckedUtf8("a\xe9"));
    }

    void widthIsThatOfATerminal()
    {
        QCOMPARE(displayWidth(QStringLiteral("plays")), 5);
        QCOMPARE(displayWidth(QString::fromUtf8("表格")), 4);
        QCOMPARE(displayWidth(QString::fromUtf8("é")), 1);
        QCOMPARE(displayWidth(QString::fromUtf8("e\u0301")), 1); // a combining accent
        QCOMPARE(displayWidth(QString::fromUtf8("🐘")), 2);
    }
};

QTEST_GUILESS_MAIN(TstPrintable)
#include "tst_printable.moc"
