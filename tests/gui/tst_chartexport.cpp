// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/refreshgantt.h"
#include "ui/charts/timechart.h"
#include "ui/services/theme.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QStackedWidget>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

const Instant begin = fromEpochMicros(1'790'000'000'000'000);

std::unique_ptr<Chart> timeChart()
{
    auto chart = std::make_unique<TimeChart>(QStringLiteral("Waiting backends"), ChartUnit::Count);
    ChartSeries series{QStringLiteral("Waiting"), ChartSeries::Style::Area, {}, {}};
    for (int minute = 0; minute < 60; ++minute)
        series.points.push_back({begin + std::chrono::minutes(minute), static_cast<double>(minute % 7)});
    chart->setRange({begin, begin + 1h});
    chart->setSeries({series});
    return chart;
}

std::unique_ptr<Chart> gantt()
{
    auto chart = std::make_unique<RefreshGantt>();
    GanttLane lane;
    lane.server = QStringLiteral("prod");
    lane.database = QStringLiteral("plays");
    lane.name = {QStringLiteral("public"), QStringLiteral("popular_tracks")};
    GanttBar bar;
    bar.from = toEpochSeconds(begin + 10min);
    bar.to = toEpochSeconds(begin + 30min);
    lane.bars.push_back(bar);
    chart->setLanes({lane}, {begin, begin + 1h});
    return chart;
}

/// Pixels that are not the background.
int drawn(const QImage &image, const QColor &background)
{
    int found = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            found += image.pixelColor(x, y).rgb() == background.rgb() ? 0 : 1;
    }
    return found;
}

} // namespace

class TstChartExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void picturesHoldTheChart_data();
    void picturesHoldTheChart();
    void whatCannotBeWrittenIsSaid();
};

void TstChartExport::picturesHoldTheChart_data()
{
    QTest::addColumn<bool>("isGantt");
    QTest::addColumn<ThemeChoice>("theme");
    QTest::newRow("over time, light") << false << ThemeChoice::Light;
    QTest::newRow("over time, dark") << false << ThemeChoice::Dark;
    QTest::newRow("gantt, light") << true << ThemeChoice::Light;
}

void TstChartExport::picturesHoldTheChart()
{
    QFETCH(const bool, isGantt);
    QFETCH(const ThemeChoice, theme);
    applyTheme(*qApp, theme);
    const std::unique_ptr<Chart> chart = isGantt ? gantt() : timeChart();
    chart->resize(500, 260);
    chart->show();
    QVERIFY(QTest::qWaitForWindowExposed(chart.get()));
    const QSize size = chart->findChild<QStackedWidget *>()->size();
    const QColor background = chart->palette().color(QPalette::Base);
    const QTemporaryDir folder;

    const QString png = folder.filePath(QStringLiteral("chart.png"));
    QVERIFY(chart->exportTo(png));
    const QImage picture(png);
    QCOMPARE(picture.size(), size * 2);
    const int inPicture = drawn(picture, background);
    QVERIFY2(inPicture > 2000, qPrintable(QString::number(inPicture)));
    QVERIFY(inPicture < picture.width() * picture.height());

    const QString svg = folder.filePath(QStringLiteral("chart.svg"));
    QVERIFY(chart->exportTo(svg));
    QSvgRenderer vectors(svg);
    QVERIFY(vectors.isValid());
    QCOMPARE(vectors.viewBox(), QRect(QPoint(), size));
    QImage image(size * 2, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    vectors.render(&painter);
    painter.end();
    const int inVectors = drawn(image, background);
    QVERIFY2(inVectors > inPicture / 2 && inVectors < 2 * inPicture,
             qPrintable(QStringLiteral("%1 and %2").arg(inVectors).arg(inPicture)));
    // It holds lines and letters, not a picture of them.
    QFile text(svg);
    QVERIFY(text.open(QIODevice::ReadOnly));
    const QByteArray content = text.readAll();
    QVERIFY(content.contains("<title>" + chart->title().toUtf8() + "</title>"));
    QVERIFY(content.contains("<text") && !content.contains("<image"));
}

void TstChartExport::whatCannotBeWrittenIsSaid()
{
    const std::unique_ptr<Chart> chart = timeChart();
    chart->resize(300, 200);
    for (const char *name : {"chart.png", "chart.svg", "chart.csv"}) {
        const Status written = chart->exportTo(QStringLiteral("/dev/null/") + QLatin1String(name));
        QVERIFY(!written);
        QVERIFY2(written.error().summary().contains(QLatin1String(name)), qPrintable(written.error().summary()));
        QVERIFY(!written.error().hint.isEmpty());
    }
}

QTEST_MAIN(TstChartExport)
#include "tst_chartexport.moc"
