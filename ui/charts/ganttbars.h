// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/ganttdata.h"
#include "ui/services/theme.h"

#include <qcustomplot.h>

#include <QBrush>

namespace tidemark::ui {

[[nodiscard]] QColor colorOf(RefreshSource source, const Theme &theme);
[[nodiscard]] QBrush brushOf(const GanttBar &bar, const Theme &theme);

/// The bars of the gantt as a plottable. Lane 0 stands at the value axis' 0 to 1, lane 1 below it at -1 to 0, and so on:
/// the axis points up. Only the visible lanes and at most a bar a pixel are drawn.
class GanttBars final : public QCPAbstractPlottable
{
public:
    GanttBars(QCPAxis *keyAxis, QCPAxis *valueAxis);

    void setLanes(const std::vector<GanttLane> *lanes) { m_lanes = lanes; }
    void setTheme(const Theme &theme) { m_theme = &theme; }
    void setSelected(GanttPlace place) { m_selected = place; }

    [[nodiscard]] static double middleOf(int lane) { return 0.5 - lane; }
    /// The bar nearest to a point, no further away than `reach` pixels; the lane alone where no bar is near.
    [[nodiscard]] GanttPlace placeAt(const QPointF &position, double reach) const;

    double selectTest(const QPointF &position, bool onlySelectable, QVariant *details = nullptr) const override;
    QCPRange getKeyRange(bool &found, QCP::SignDomain domain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool &found, QCP::SignDomain domain = QCP::sdBoth,
                           const QCPRange &keyRange = QCPRange()) const override;

protected:
    void draw(QCPPainter *painter) override;
    void drawLegendIcon(QCPPainter *painter, const QRectF &place) const override;

private:
    [[nodiscard]] QRectF placeOf(int lane, const GanttBar &bar) const;
    /// The first bar that may reach into the visible range.
    [[nodiscard]] std::size_t firstVisible(const GanttLane &lane) const;
    void drawBar(QCPPainter *painter, const QRectF &place, const GanttBar &bar) const;

    const std::vector<GanttLane> *m_lanes = nullptr;
    const Theme *m_theme = &Theme::light();
    GanttPlace m_selected;
};

} // namespace tidemark::ui
