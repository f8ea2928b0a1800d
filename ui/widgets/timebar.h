// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/replayer.h"

#include <QAbstractSlider>
#include <QTimer>

class QPushButton;
class QToolButton;

namespace tidemark::ui {

/// The track of the time bar: seconds before now, 0 is live. Arrow keys move a minute, Page keys an hour, End is live.
class TimeTrack : public QAbstractSlider
{
    Q_OBJECT

public:
    static constexpr int seconds = 24 * 3600;

    explicit TimeTrack(QWidget *parent = nullptr);
    void setNow(Instant now);
    void setMarks(std::vector<ServerMark> marks);
    [[nodiscard]] const std::vector<ServerMark> &marks() const { return m_marks; }
    [[nodiscard]] Instant moment() const;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRect groove() const;
    [[nodiscard]] int xOf(Instant at) const;
    [[nodiscard]] int valueAt(int x) const;
    [[nodiscard]] QString tipAt(int x) const;

    Instant m_now;
    std::vector<ServerMark> m_marks;
};

/// The last day on a line, what happened as ticks; dragging replays that moment on every page.
class TimeBar : public QWidget
{
    Q_OBJECT

public:
    explicit TimeBar(QWidget *parent = nullptr);

    void setNow(Instant now);
    void setMarks(std::vector<ServerMark> marks);
    /// Nothing is live.
    void setReplayed(std::optional<Instant> moment);
    [[nodiscard]] TimeRange range() const;
    [[nodiscard]] TimeTrack *track() const { return m_track; }

Q_SIGNALS:
    void momentChosen(tidemark::Instant moment);
    void liveChosen();

private:
    void choose();
    void step(int direction);

    TimeTrack *m_track;
    QToolButton *m_back;
    QToolButton *m_forward;
    QPushButton *m_live;
    QTimer m_settle;
    Instant m_now;
    std::optional<Instant> m_replayed;
};

} // namespace tidemark::ui
