// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plotsupport.h"

#include "core/base/units.h"
#include "ui/charts/timeaxis.h"
#include "ui/services/theme.h"

#include <QPicture>

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

void applyTheme(QCustomPlot &plot, const Theme &theme, bool focused)
{
    plot.setBackground(QBrush(theme.raised));
    const QFont font = tabularFont(plot.font());
    for (QCPAxisRect *rect : plot.axisRects()) {
        for (QCPAxis *axis : rect->axes()) {
            const bool bottom = axis->axisType() == QCPAxis::atBottom;
            axis->setBasePen(bottom ? QPen(focused ? theme.accent : theme.border, focused ? 2 : 1) : QPen(Qt::NoPen));
            axis->setTickPen(Qt::NoPen);
            axis->setSubTickPen(Qt::NoPen);
            axis->setTickLabelColor(theme.muted);
            axis->setTickLabelFont(font);
            axis->setLabelColor(theme.muted);
            axis->setLabelFont(font);
            axis->grid()->setVisible(!bottom);
            axis->grid()->setPen(QPen(theme.grid, 1));
            axis->grid()->setZeroLinePen(Qt::NoPen);
        }
    }
}

void renderPlot(QCustomPlot &plot, QPainter &painter, const QSize &size)
{
    QPicture picture;
    QCPPainter own;
    own.begin(&picture);
    own.setMode(QCPPainter::pmVectorized);
    plot.toPainter(&own, size.width(), size.height());
    own.end();
    painter.drawPicture(0, 0, picture);
}

double byteStep(double wanted)
{
    constexpr double page = 8192;
    return std::pow(2.0, std::ceil(std::log2(std::max(wanted, page))));
}

double ByteTicker::getTickStep(const QCPRange &range)
{
    return byteStep(range.size() / std::max(1, tickCount()));
}

QString ByteTicker::getTickLabel(double tick, const QLocale &locale, QChar, int)
{
    return tick == 0 ? QStringLiteral("0") : units::bytes(std::llround(tick), locale);
}

void MomentTicker::generate(const QCPRange &range, const QLocale &, QChar, int, QVector<double> &ticks,
                            QVector<double> *subTicks, QVector<QString> *tickLabels)
{
    ticks.clear();
    if (subTicks)
        subTicks->clear();
    if (tickLabels)
        tickLabels->clear();
    const auto instantOf = [](double seconds) { return fromEpochMicros(static_cast<qint64>(seconds * 1e6)); };
    const int labelWidth = QFontMetrics(m_axis->tickLabelFont()).horizontalAdvance(QStringLiteral("00:00:00")) * 3 / 2;
    const int most = std::max(2, 1 + m_axis->axisRect()->width() / std::max(1, labelWidth));
    const std::vector<TimeTick> all = timeTicks({instantOf(range.lower), instantOf(range.upper)}, most);
    // Over decades even years stand too close.
    const std::size_t every = all.size() / static_cast<std::size_t>(most)
                              + (all.size() > static_cast<std::size_t>(most) ? 1 : 0);
    for (std::size_t index = 0; index < all.size(); index += std::max<std::size_t>(every, 1)) {
        ticks.push_back(toEpochSeconds(all[index].at));
        if (tickLabels)
            tickLabels->push_back(all[index].label);
    }
}

void NameTicker::generate(const QCPRange &range, const QLocale &, QChar, int, QVector<double> &ticks,
                          QVector<double> *subTicks, QVector<QString> *tickLabels)
{
    ticks.clear();
    if (subTicks)
        subTicks->clear();
    if (tickLabels)
        tickLabels->clear();
    const double from = m_descending ? 0.5 - range.upper : range.lower - 0.5;
    const double to = m_descending ? 0.5 - range.lower : range.upper - 0.5;
    const auto first = static_cast<qsizetype>(std::max(0.0, std::ceil(from)));
    const auto last = std::min(m_names.size() - 1, static_cast<qsizetype>(std::floor(to)));
    for (qsizetype at = first; at <= last; ++at) {
        const qsizetype index = m_descending ? last - (at - first) : at; // ticks ascend along the axis
        ticks.push_back(m_descending ? 0.5 - static_cast<double>(index) : static_cast<double>(index) + 0.5);
        if (!tickLabels)
            continue;
        if (!m_axis) {
            tickLabels->push_back(m_names[index]);
            continue;
        }
        const QFontMetrics metrics(m_axis->tickLabelFont());
        const double room = std::abs(m_axis->coordToPixel(1) - m_axis->coordToPixel(0)) - metrics.averageCharWidth();
        tickLabels->push_back(metrics.elidedText(m_names[index], Qt::ElideMiddle, static_cast<int>(room)));
    }
}

} // namespace tidemark::ui
