// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/timelinechart.h"

#include <QWidget>

namespace tidemark::ui {

/// The drawing of a TimelineChart: lane names on the left, the axis at the bottom.
class TimelineCanvas : public QWidget
{
    Q_OBJECT

public:
    explicit TimelineCanvas(QWidget *parent = nullptr);

    void setContent(const TimeRange &range, std::vector<TimelineLane> lanes, std::vector<TimelineItem> items);
    void setCurrent(const QString &key);
    [[nodiscard]] const std::vector<TimelineItem> &items() const { return m_items; }
    [[nodiscard]] const std::vector<TimelineLane> &lanes() const { return m_lanes; }
    [[nodiscard]] QRect currentRect() const;
    void paintAll(QPainter &painter, const QRect &area) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void itemSelected(const QString &key);
    void itemActivated(const QString &key, const tidemark::ui::ObjectRef &object);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] int leastRowHeight() const;
    [[nodiscard]] int rowHeight(const QRect &plot) const;
    [[nodiscard]] int groupWidth() const;
    [[nodiscard]] int nameWidth(int width) const;
    [[nodiscard]] QRect plotRect(const QRect &area) const;
    [[nodiscard]] QRectF rectOf(const TimelineItem &item, const QRect &plot) const;
    [[nodiscard]] std::optional<size_t> itemAt(const QPoint &position) const;
    void paintItem(QPainter &painter, const TimelineItem &item, const QRect &plot) const;
    void select(size_t index);

    TimeRange m_range{};
    std::vector<TimelineLane> m_lanes;
    std::vector<TimelineItem> m_items; ///< by time
    QString m_current;
};

} // namespace tidemark::ui
