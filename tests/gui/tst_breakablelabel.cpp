// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/breakablelabel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QtTest>

using namespace tidemark::ui;

namespace {

const QString name = QStringLiteral("public.source_track_plays_by_day_2026_11");

} // namespace

class TstBreakableLabel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLongNameBreaksRatherThanBeingCutOff();
    void aBoundBreaksBeforeItsType();
    void aWordWithoutAnyDotBreaksToo();
    void aNumberNeverBreaks();
    void whatIsCopiedIsTheNameItself();
};

void TstBreakableLabel::aBoundBreaksBeforeItsType()
{
    BreakableLabel label;
    label.setBreakableText(QStringLiteral("'2026-11-20 00:00:00+00'::timestamptz"));
    QVERIFY(label.text().contains(QStringLiteral("::\u200btimestamptz")));
    QVERIFY(!label.text().contains(QStringLiteral("00:\u200b00")));
    // Its longest unbreakable piece is all the room that it needs.
    QVERIFY(label.minimumSizeHint().width()
            <= label.fontMetrics().horizontalAdvance(QStringLiteral("'2026-11-20 00:00:00")));
}

void TstBreakableLabel::aWordWithoutAnyDotBreaksToo()
{
    BreakableLabel label;
    const QString word = QStringLiteral("Sourcetrackplaysofeverylistenerbydayandhour");
    label.setBreakableText(word);
    const int line = label.fontMetrics().height();
    const int width = label.fontMetrics().horizontalAdvance(word) / 3;
    QVERIFY(label.heightForWidth(width) >= 3 * line);
    label.resize(width, label.heightForWidth(width));
    QVERIFY2(label.minimumSizeHint().width() <= width, qPrintable(QString::number(label.minimumSizeHint().width())));
    // Short ones stay whole, and so do letters with their accents.
    label.setBreakableText(QStringLiteral("timestamptz"));
    QCOMPARE(label.text(), QStringLiteral("timestamptz"));
    label.setBreakableText(QString(QStringLiteral("e\u0301")).repeated(30));
    QVERIFY(!label.text().contains(QStringLiteral("\u200b\u0301")));
}

void TstBreakableLabel::aNumberNeverBreaks()
{
    BreakableLabel label;
    for (const char *text : {"TOAST 8.0 kB", "1,091 rows", "1,234,567.89 MB"}) {
        label.setBreakableText(QLatin1String(text));
        QCOMPARE(label.text(), QLatin1String(text));
    }
}

void TstBreakableLabel::aLongNameBreaksRatherThanBeingCutOff()
{
    BreakableLabel label;
    label.setBreakableText(name);
    const int line = label.fontMetrics().height();
    QVERIFY(label.heightForWidth(label.fontMetrics().horizontalAdvance(name) * 2) < 2 * line);
    QVERIFY(label.heightForWidth(label.fontMetrics().horizontalAdvance(name) / 2) >= 2 * line);
}

void TstBreakableLabel::whatIsCopiedIsTheNameItself()
{
    BreakableLabel label;
    label.setBreakableText(name);
    label.show();
    label.setFocus();
    label.setSelection(0, static_cast<int>(label.text().size()));
    QGuiApplication::clipboard()->clear();
    QTest::keySequence(&label, QKeySequence(QKeySequence::Copy));
    QCOMPARE(QGuiApplication::clipboard()->text(), name);

    label.setSelection(0, 7);
    label.copy();
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("public."));
}

QTEST_MAIN(TstBreakableLabel)
#include "tst_breakablelabel.moc"
