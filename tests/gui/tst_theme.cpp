// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/theme.h"

#include "ui/services/icons.h"

#include <QApplication>
#include <QFontMetrics>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;

namespace {

constexpr double readable = 4.5; // WCAG 2.1 AA for text
constexpr double visible = 3.0;  // and for what is not text

} // namespace

class ThemeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsReadableOnEverySurface_data() { themes(); }
    void textIsReadableOnEverySurface()
    {
        const Theme theme = fetched();
        for (const QColor &surface : {theme.window, theme.raised, theme.sidebar, theme.hover}) {
            QVERIFY2(contrast(theme.text, surface) >= 7, qPrintable(surface.name()));
            QVERIFY2(contrast(theme.muted, surface) >= readable, qPrintable(surface.name()));
        }
        const QPalette palette = theme.palette();
        QVERIFY(contrast(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)) >= readable);
        QVERIFY(contrast(palette.color(QPalette::ButtonText), palette.color(QPalette::Button)) >= readable);
        QVERIFY(contrast(palette.color(QPalette::ToolTipText), palette.color(QPalette::ToolTipBase)) >= readable);
        QVERIFY(contrast(theme.onAccent, theme.accent) >= readable);
        for (const QColor &ink : {theme.sqlKeyword, theme.sqlString, theme.sqlNumber, theme.sqlComment})
            QVERIFY2(contrast(ink, theme.hover) >= readable, qPrintable(ink.name()));
    }

    void statusIsReadableOnCardsWashesAndSelections_data() { themes(); }
    void statusIsReadableOnCardsWashesAndSelections()
    {
        const Theme theme = fetched();
        for (const Severity severity :
             {Severity::Ok, Severity::Notice, Severity::Warning, Severity::Critical, Severity::Unknown}) {
            const QColor ink = theme.of(severity);
            QVERIFY2(contrast(ink, theme.raised) >= readable, qPrintable(iconOf(severity)));
            QVERIFY2(contrast(ink, theme.window) >= readable, qPrintable(iconOf(severity)));
            QVERIFY2(contrast(ink, theme.washOf(severity)) >= readable, qPrintable(iconOf(severity)));
            QVERIFY2(contrast(theme.text, theme.washOf(severity)) >= 7, qPrintable(iconOf(severity)));
            const double selected = contrast(ink, theme.palette().color(QPalette::Highlight));
            QVERIFY2(selected >= visible, qPrintable(QStringLiteral("%1 %2").arg(iconOf(severity)).arg(selected)));
        }
    }

    void everyEnvironmentCarriesItsWord_data() { themes(); }
    void everyEnvironmentCarriesItsWord()
    {
        const Theme theme = fetched();
        for (const Environment environment : {Environment::Development, Environment::Test, Environment::Production}) {
            const double found = contrast(theme.on(environment), theme.of(environment));
            QVERIFY2(found >= 4.0, qPrintable(QStringLiteral("%1 %2").arg(environmentText(environment)).arg(found)));
        }
    }

    void chartSeriesStandOutFromTheirGround_data() { themes(); }
    void chartSeriesStandOutFromTheirGround()
    {
        const Theme theme = fetched();
        for (int i = 0; i < Theme::seriesCount; ++i)
            QVERIFY2(contrast(theme.series(i), theme.raised) >= visible, qPrintable(QString::number(i)));
    }

    void aPaletteLeadsBackToItsTheme()
    {
        QVERIFY(Theme::of(Theme::darkTheme().palette()).dark);
        QVERIFY(!Theme::of(Theme::light().palette()).dark);
        applyTheme(*qApp, ThemeChoice::Dark);
        QVERIFY(Theme::of(QApplication::palette()).dark);
        applyTheme(*qApp, ThemeChoice::Light);
        QVERIFY(!Theme::of(QApplication::palette()).dark);
    }

    void iconsFollowTheTheme()
    {
        const QIcon clock = icon(QStringLiteral("clock"));
        applyTheme(*qApp, ThemeChoice::Light);
        const QImage light = clock.pixmap(24).toImage();
        applyTheme(*qApp, ThemeChoice::Dark);
        const QImage dark = clock.pixmap(24).toImage();
        QVERIFY(!light.isNull());
        QVERIFY(light != dark);
    }

    void figuresHaveOneWidth()
    {
        const QFontMetrics metrics(tabularFont(QApplication::font()));
        for (char digit = '1'; digit <= '9'; ++digit)
            QCOMPARE(metrics.horizontalAdvance(QLatin1Char(digit)), metrics.horizontalAdvance(QLatin1Char('0')));
    }

private:
    static void themes()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    static Theme fetched()
    {
        QFETCH(const bool, dark);
        return dark ? Theme::darkTheme() : Theme::light();
    }
};

QTEST_MAIN(ThemeTest)
#include "tst_theme.moc"
