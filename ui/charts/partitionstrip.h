// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart.h"
#include "ui/models/stripdata.h"

#include <memory>
#include <optional>

class QCustomPlot;
class QCPItemLine;
class QCPItemText;
class QCPAxisRect;
class QCPBars;

namespace tidemark::ui {

class LegendRow;
class PartitionBlocks;
struct Theme;

/// The partitions of one table along its range key: width is the range, height the size, colour the state; gaps are
/// hatched; now and the horizons of the policies are lines. List and hash partitions stand by size.
///
/// Mouse: hover tells, click selects, wheel and drag move. Keys: Left and Right go from block to block, Home and End to
/// the ends, + and - zoom, 0 shows all. Everything here costs by the pixel; only a newly published table is walked once.
class PartitionStrip : public Chart
{
    Q_OBJECT

public:
    explicit PartitionStrip(QWidget *parent = nullptr);
    ~PartitionStrip() override;

    /// The same table again only moves the line of now. Another table than before shows its whole axis; a new version of
    /// the one shown keeps the place and the selection.
    void setTable(const std::shared_ptr<const PartitionedTable> &table, Instant now);
    /// By oid; 0 selects nothing. Brings it into view. Does not emit.
    void selectPartition(quint32 oid);
    [[nodiscard]] quint32 selectedPartition() const;
    /// What hover tells of a partition, also for assistive technology.
    [[nodiscard]] QString describe(int partition) const;
    [[nodiscard]] ChartTable table() const override;
    void render(QPainter &painter, const QSize &size) override;
    [[nodiscard]] QWidget *plot() const; ///< what takes the keyboard

Q_SIGNALS:
    void partitionSelected(quint32 oid);

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildPlot();
    void setUpAxes();
    void setUpDefault();
    [[nodiscard]] bool handleKey(int key);
    [[nodiscard]] bool showToolTip(const QPoint &position, const QPoint &global);
    void applyPalette();
    void updateLegend();
    void updateLines();
    void showAll();
    void zoom(double factor, double around);
    void selectBlock(int block);
    void keepInside();
    void announce();
    [[nodiscard]] int blockUnder(const QPoint &position) const;

    QCustomPlot *m_plot;
    LegendRow *m_legend;
    PartitionBlocks *m_blocks = nullptr;
    QCPAxisRect *m_defaultRect = nullptr;
    QCPBars *m_defaultBar = nullptr;
    struct Line
    {
        QCPItemLine *line = nullptr;
        QCPItemText *label = nullptr;
    };
    Line m_now;
    Line m_retention;
    Line m_compression;

    std::shared_ptr<const PartitionedTable> m_table;
    std::shared_ptr<const StripData> m_data;
    Instant m_time;
    int m_selected = -1;
    bool m_defaultSelected = false;
};

} // namespace tidemark::ui
