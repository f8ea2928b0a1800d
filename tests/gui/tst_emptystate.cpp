// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/emptystate.h"

#include <QLabel>
#include <QtTest>

#include <cstdlib>

using namespace tidemark::ui;

class TstEmptyState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLongSentenceIsShownWhole_data();
    void aLongSentenceIsShownWhole();
};

void TstEmptyState::aLongSentenceIsShownWhole_data()
{
    QTest::addColumn<int>("width");
    for (const int width : {340, 500, 900, 1600})
        QTest::addRow("%d", width) << width;
}

void TstEmptyState::aLongSentenceIsShownWhole()
{
    QFETCH(const int, width);
    EmptyState state;
    const QString sentence =
        QStringLiteral("Refreshes appear here as they happen, by whomever they are run. ").repeated(6)
        + QStringLiteral("\nSQLSTATE 42501");
    state.setContent({}, QStringLiteral("Nothing"), sentence, QStringLiteral("Retry now"));
    state.resize(width, 800);
    state.show();
    QVERIFY(QTest::qWaitForWindowExposed(&state));
    const QLabel *label = nullptr;
    for (const QLabel *each : state.findChildren<QLabel *>()) {
        if (each->text() == sentence)
            label = each;
    }
    QVERIFY(label);
    QVERIFY(label->heightForWidth(label->width()) > 3 * label->fontMetrics().height());
    QVERIFY2(label->height() >= label->heightForWidth(label->width()),
             qPrintable(QStringLiteral("%1 of %2 px").arg(label->height()).arg(label->heightForWidth(label->width()))));
    // In the middle, and as wide as reads well.
    QVERIFY(std::abs(label->geometry().center().x() - state.rect().center().x()) <= 2);
    QVERIFY(width < 900 || label->width() == label->maximumWidth());
}

QTEST_MAIN(TstEmptyState)
#include "tst_emptystate.moc"
