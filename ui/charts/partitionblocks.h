// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/stripdata.h"
#include "ui/services/theme.h"

#include <qcustomplot.h>

#include <QBrush>
#include <QPen>

#include <memory>

namespace tidemark::ui {

/// How a state looks in the strip and in its legend.
struct BlockLook
{
    QBrush fill;
    QPen outline;
};
[[nodiscard]] BlockLook lookOf(PartitionState state, const Theme &theme);
[[nodiscard]] QBrush gapBrush(const Theme &theme);

/// The blocks of the strip as a plottable: draws by the pixel, however many partitions there are.
class PartitionBlocks final : public QCPAbstractPlottable
{
public:
    PartitionBlocks(QCPAxis *keyAxis, QCPAxis *valueAxis);

    void setData(std::shared_ptr<const StripData> data);
    void setTheme(const Theme &theme) { m_theme = &theme; }
    void setSelectedBlock(int block) { m_selected = block; }
    void setHoveredBlock(int block) { m_hovered = block; }

    double selectTest(const QPointF &position, bool onlySelectable, QVariant *details = nullptr) const override;
    QCPRange getKeyRange(bool &found, QCP::SignDomain domain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool &found, QCP::SignDomain domain = QCP::sdBoth,
                           const QCPRange &keyRange = QCPRange()) const override;

protected:
    void draw(QCPPainter *painter) override;
    void drawLegendIcon(QCPPainter *painter, const QRectF &place) const override;

private:
    void drawGaps(QCPPainter *painter, const QRectF &area) const;
    [[nodiscard]] QRectF placeOf(const StripColumn &column, const QRectF &area) const;
    /// The visible part of one block at its full width.
    [[nodiscard]] QRectF placeOf(int block, const QRectF &area) const;

    std::shared_ptr<const StripData> m_data;
    const Theme *m_theme = &Theme::light();
    int m_selected = -1;
    int m_hovered = -1;
};

} // namespace tidemark::ui
