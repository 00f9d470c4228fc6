//! Connections that end early or are slow.
//!
//! The server writes through them, so that a fault affects the bytes on the wire.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How often a slow connection accepts bytes.
const WRITE_INTERVAL: Duration = Duration::from_millis(50);

/// How a connection delivers the next response.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ResponseShaping {
    /// The number of bytes after which it ends.
    pub(super) byte_limit: Option<u64>,
    /// The speed.
    pub(super) bytes_per_second: Option<u64>,
}

/// Sets how a connection delivers responses.
#[derive(Clone, Debug, Default)]
pub(super) struct ShapingHandle(Arc<Mutex<ResponseShaping>>);

impl ShapingHandle {
    /// Sets how the connection delivers the next response.
    pub(super) fn set(&self, shaping: ResponseShaping) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = shaping;
    }

    fn get(&self) -> ResponseShaping {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_written(&self, bytes: usize) {
        if let Some(left) = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).byte_limit {
            *left = left.saturating_sub(bytes as u64);
        }
    }
}

/// A connection.
pub(super) struct ShapedConnection {
    stream: TcpStream,
    handle: ShapingHandle,
    pause: Option<Pin<Box<Sleep>>>,
}

/// A listener for shaped connections.
pub(super) struct ShapedListener(pub(super) TcpListener);

impl Listener for ShapedListener {
    type Io = ShapedConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ShapedConnection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without this option, small responses are only slower.
        let _ = stream.set_nodelay(true);
        (ShapedConnection { stream, handle: ShapingHandle::default(), pause: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, ShapedListener>> for ShapingHandle {
    fn connect_info(stream: IncomingStream<'_, ShapedListener>) -> Self {
        stream.io().handle.clone()
    }
}

impl AsyncRead for ShapedConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ShapedConnection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let line = &mut *self;
        if let Some(rest) = &mut line.pause {
            match rest.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => line.pause = None,
            }
        }
        let ResponseShaping { byte_limit: left, bytes_per_second: pace } = line.handle.get();
        let mut most = left.unwrap_or(u64::MAX);
        if most == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if let Some(pace) = pace {
            let beats = 1000 / WRITE_INTERVAL.as_millis().max(1) as u64;
            most = most.min((pace / beats).max(1));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
        let written = Pin::new(&mut line.stream).poll_write(context, &bytes[..most]);
        if let Poll::Ready(Ok(written)) = written {
            line.handle.count_written(written);
            if let Some(pace) = pace {
                // Below one byte a beat, the beats are longer.
                line.pause = Some(Box::pin(sleep(
                    WRITE_INTERVAL.max(Duration::from_secs(1) / u32::try_from(pace).unwrap_or(1).max(1)),
                )));
            }
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
