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
    void whatIsCopiedIsTheNameItself();
};

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
